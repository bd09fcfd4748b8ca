// What a body must be before anything looks into it: of a known type, not too large, text, JSON,
// and not nested without end.
import { parseJson } from '../core/json.ts';
import { rejected } from '../core/errors.ts';

export const MAX_BODY_BYTES = 1_000_000;
/**
 * Nothing that is meant well has more than this, and what goes through it must not be led as deep
 * as somebody likes.
 */
const MAX_BODY_DEPTH = 64;

/** Left out, it is taken for JSON. */
export function assertJsonContentType(contentType: string | null): void {
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
export interface BodySource {
  arrayBuffer(): Promise<ArrayBuffer>;
}

export async function readBodyBytes(source: BodySource, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  const bytes = Buffer.from(await source.arrayBuffer());
  if (bytes.length > maxBytes)
    throw rejected(413, 'BodyTooLarge', `A body has at most ${maxBytes} bytes. Nothing was started.`);
  return bytes;
}

export async function readBodyText(source: BodySource): Promise<string> {
  const bytes = await readBodyBytes(source);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw rejected(400, 'NotJson', 'The body is not text in UTF-8. Nothing was started.');
  }
}

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

/** How many brackets are open at most, outside of texts. */
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
