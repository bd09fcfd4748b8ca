// Which resource a path names.

import { refusal } from './errors.ts';

export interface Address {
  /**
   * The kind of the last resource: '' for the account, else dbs, colls, docs, pkranges or one that
   * the simulator lacks.
   */
  readonly type: string;
  /** What the signature of a request is made over. */
  readonly link: string;
  readonly database: string | undefined;
  readonly container: string | undefined;
  /** The id behind the last type; undefined when the path names the whole list. */
  readonly id: string | undefined;
}

export function addressOf(path: string): Address {
  const [route = ''] = path.split('?');
  const parts = route
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const listed = parts.length % 2 === 1;
  const type = (listed ? parts.at(-1) : parts.at(-2)) ?? '';
  return {
    type,
    link: (listed ? parts.slice(0, -1) : parts).join('/'),
    database: parts[0] === 'dbs' ? parts[1] : undefined,
    container: parts[2] === 'colls' ? parts[3] : undefined,
    id: listed ? undefined : parts.at(-1),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refusal(400, `The path part '${part}' is not properly encoded.`);
  }
}
