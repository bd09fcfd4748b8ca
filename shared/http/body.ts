// Reads and checks request bodies before any schema: the content type, the size, UTF-8, JSON and
// the nesting depth.
import { rejected } from '../core/errors.ts';
import { formatJsonPath } from '../core/finding.ts';
import { parseJson, type JsonPosition } from '../core/json.ts';
import { shortenText } from '../core/parse.ts';

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
  const { depth, names } = measureJson(text);
  if (depth > MAX_BODY_DEPTH)
    throw rejected(
      400,
      'TooDeep',
      `The body is nested deeper than ${MAX_BODY_DEPTH} levels. Nothing was started.`,
    );
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    const parsed = parseJson(text);
    const reason = 'reason' in parsed ? `: ${placeOf(parsed.position)}: ${parsed.reason}.` : '.';
    throw rejected(400, 'NotJson', `The body is not JSON${reason} Nothing was started.`);
  }
  if (countNames(value) < names) throw duplicateNameError(text);
  return value;
}

const placeOf = ({ line, column }: JsonPosition): string => `line ${line}, column ${column}`;

/** JSON.parse keeps only the last value of a repeated name. A reader of the text may mean the first. */
function duplicateNameError(text: string): Error {
  const parsed = parseJson(text);
  const path = 'reason' in parsed ? [] : (parsed.duplicatePaths[0] ?? []);
  const place = 'reason' in parsed ? parsed.position : parsed.positionOf(path);
  return rejected(
    400,
    'NameTwice',
    `The body has ${shortenText(formatJsonPath(path), 200)} more than once: ${placeOf(place)}. ` +
      'Nothing was started. Send each name of an object once.',
  );
}

function countNames(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children = Object.values(value);
  const names = Array.isArray(value) ? 0 : children.length;
  return children.reduce((sum: number, child) => sum + countNames(child), names);
}

/**
 * Returns the maximum number of open brackets, and the number of names of all objects. Only a name
 * has a colon after it.
 */
function measureJson(text: string): { readonly depth: number; readonly names: number } {
  let [open, depth, names, inText] = [0, 0, 0, false];
  for (let index = 0; index < text.length; index += 1) {
    const charCode = text.charCodeAt(index);
    if (inText) {
      if (charCode === BACKSLASH) index += 1;
      else if (charCode === QUOTE) inText = false;
    } else if (charCode === QUOTE) inText = true;
    else if (charCode === COLON) names += 1;
    else if (charCode === OPEN_OBJECT || charCode === OPEN_LIST) depth = Math.max(depth, ++open);
    else if (charCode === CLOSE_OBJECT || charCode === CLOSE_LIST) open -= 1;
  }
  return { depth, names };
}

const [QUOTE, BACKSLASH, COLON, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [
  '"',
  '\\',
  ':',
  '{',
  '}',
  '[',
  ']',
].map((sign) => sign.charCodeAt(0));
