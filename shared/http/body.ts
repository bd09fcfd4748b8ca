// Reads and checks request bodies before any schema: the content type, the size, UTF-8, JSON and
// the nesting depth.
import { parseJson } from '../core/json.ts';
import { rejected } from '../core/errors.ts';

/** The default size limit of a body. */
export const MAX_BODY_BYTES = 1_000_000;
/** No legitimate body is deeper. The limit protects recursive code from hostile input. */
const MAX_BODY_DEPTH = 64;

/** Throws 415 for a content type other than JSON. A missing content type counts as JSON. */
export function assertJsonContentType(contentType: string | null): void {
  if (
    contentType === null ||
    /^application\/([\w.+-]+\+)?json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType.trim())
  )
    return;
  throw rejected(
    415,
    'ContentTypeUnknown',
    `The Content-Type of the body is ${contentType.slice(0, 100)}. Nothing was started. Send JSON in ` +
      'UTF-8, with Content-Type: application/json.',
  );
}

/** A request with a body. The host has already read the whole body, up to its own limit. */
export interface BodySource {
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Returns the bytes of the body, or throws 413. */
export async function readBodyBytes(source: BodySource, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  const bytes = Buffer.from(await source.arrayBuffer());
  if (bytes.length > maxBytes)
    throw rejected(413, 'BodyTooLarge', `A body has at most ${maxBytes} bytes. Nothing was started.`);
  return bytes;
}

/** Returns the body as text, or throws when it is not UTF-8. */
export async function readBodyText(source: BodySource): Promise<string> {
  const bytes = await readBodyBytes(source);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw rejected(400, 'NotJson', 'The body is not text in UTF-8. Nothing was started.');
  }
}

/** Parses the text, or throws with the position of the fault. */
export function parseJsonBody(text: string): unknown {
  if (depthOf(text) > MAX_BODY_DEPTH)
    throw rejected(
      400,
      'TooDeep',
      `The body is nested deeper than ${MAX_BODY_DEPTH} levels. Nothing was started.`,
    );
  try {
    return JSON.parse(text) as unknown;
  } catch {
    const parsed = parseJson(text);
    const position =
      'reason' in parsed
        ? `: line ${parsed.position.line}, column ${parsed.position.column}: ${parsed.reason}`
        : '.';
    throw rejected(400, 'NotJson', `The body is not JSON${position} Nothing was started.`);
  }
}

/** Returns the maximum number of open brackets outside of strings. */
function depthOf(text: string): number {
  let [depth, deepest, inText] = [0, 0, false];
  for (let index = 0; index < text.length; index += 1) {
    const charCode = text.charCodeAt(index);
    if (inText) {
      if (charCode === BACKSLASH) index += 1;
      else if (charCode === QUOTE) inText = false;
    } else if (charCode === QUOTE) inText = true;
    else if (charCode === OPEN_OBJECT || charCode === OPEN_LIST) deepest = Math.max(deepest, ++depth);
    else if (charCode === CLOSE_OBJECT || charCode === CLOSE_LIST) depth -= 1;
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
