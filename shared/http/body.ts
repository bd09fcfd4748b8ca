// What a body must be before anything looks into it: of a known type, not too large, text, JSON,
// and not nested without end.
import { readJson } from '../core/json.ts';
import { rejected } from '../core/errors.ts';

export const MOST_BYTES = 1_000_000;
/**
 * Nothing that is meant well has more than this, and what goes through it must not be led as deep
 * as somebody likes.
 */
const DEEPEST = 64;

/** Left out, it is taken for JSON. */
export function mustBeJsonType(contentType: string | null): void {
  if (
    contentType === null ||
    /^application\/([\w.+-]+\+)?json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType.trim())
  )
    return;
  throw rejected(
    415,
    'ContentTypeUnknown',
    `The body is said to be ${contentType.slice(0, 100)}. Nothing was started. Send JSON in ` +
      'UTF-8, with Content-Type: application/json.',
  );
}

/** What carries a body; the host has taken all of it in, up to a limit of its own. */
export interface Carrier {
  arrayBuffer(): Promise<ArrayBuffer>;
}

export async function bytesFrom(carrier: Carrier, most = MOST_BYTES): Promise<Buffer> {
  const bytes = Buffer.from(await carrier.arrayBuffer());
  if (bytes.length > most)
    throw rejected(413, 'BodyTooLarge', `A body has at most ${most} bytes. Nothing was started.`);
  return bytes;
}

export async function textFrom(carrier: Carrier): Promise<string> {
  const bytes = await bytesFrom(carrier);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw rejected(400, 'NotJson', 'The body is not text in UTF-8. Nothing was started.');
  }
}

export function jsonOf(text: string): unknown {
  if (depthOf(text) > DEEPEST)
    throw rejected(400, 'TooDeep', `The body is nested deeper than ${DEEPEST} levels. Nothing was started.`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const read = readJson(text);
    const place =
      'wrong' in read ? `: line ${read.place.line}, column ${read.place.column}: ${read.wrong}` : '.';
    throw rejected(400, 'NotJson', `The body is not JSON${place} Nothing was started.`);
  }
}

/** How many brackets are open at most, outside of texts. */
function depthOf(text: string): number {
  let [depth, deepest, inText] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (inText) {
      if (sign === BACKSLASH) at += 1;
      else if (sign === QUOTE) inText = false;
    } else if (sign === QUOTE) inText = true;
    else if (sign === OPEN_OBJECT || sign === OPEN_LIST) deepest = Math.max(deepest, ++depth);
    else if (sign === CLOSE_OBJECT || sign === CLOSE_LIST) depth -= 1;
  }
  return deepest;
}

const [QUOTE, BACKSLASH, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
].map((sign) => sign.charCodeAt(0));
