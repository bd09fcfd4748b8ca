// Parses the path of a request into the resource that it names.

import { createCosmosError } from './errors.ts';

export interface ResourcePath {
  /**
   * The type of the last resource: '' for the account, or dbs, colls, docs, pkranges or an
   * unsupported type.
   */
  readonly type: string;
  /** The resource link, as the signature of a request uses it. */
  readonly link: string;
  readonly database: string | undefined;
  readonly container: string | undefined;
  /** The id after the last type. Undefined when the path names a list. */
  readonly id: string | undefined;
}

export function parseResourcePath(path: string): ResourcePath {
  const [route = ''] = path.split('?');
  const parts = route
    .split('/')
    .filter((part) => part !== '')
    .map(decodePart);
  const isList = parts.length % 2 === 1;
  const type = (isList ? parts.at(-1) : parts.at(-2)) ?? '';
  return {
    type,
    link: (isList ? parts.slice(0, -1) : parts).join('/'),
    database: parts[0] === 'dbs' ? parts[1] : undefined,
    container: parts[2] === 'colls' ? parts[3] : undefined,
    id: isList ? undefined : parts.at(-1),
  };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw createCosmosError(400, `The path part '${part}' is not properly encoded.`);
  }
}
