// ASN.1 in its DER form, as far as a certificate needs it (ITU-T X.690).

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
  time: 0x17,
} as const;

/** A value with its tag and length. */
export function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>= 8) bytes.unshift(rest & 0xff);
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...parts: readonly Buffer[]): Buffer => tagged(TAG.sequence, ...parts);
export const set = (...parts: readonly Buffer[]): Buffer => tagged(TAG.set, ...parts);
export const octets = (...parts: readonly Buffer[]): Buffer => tagged(TAG.octets, ...parts);
export const utf8 = (text: string): Buffer => tagged(TAG.utf8, Buffer.from(text));
export const truth = (): Buffer => tagged(TAG.boolean, Buffer.from([0xff]));
export const bits = (content: Buffer, unused = 0): Buffer => tagged(TAG.bits, Buffer.from([unused]), content);

/** A positive integer from its bytes. */
export function integer(bytes: Buffer): Buffer {
  const negative = (bytes[0] ?? 0) >= 0x80;
  return tagged(TAG.integer, ...(negative ? [Buffer.from([0])] : []), bytes);
}

/** A name such as "2.5.29.19". */
export function oid(name: string): Buffer {
  const [first = 0, second = 0, ...others] = name.split('.').map(Number);
  return tagged(TAG.oid, Buffer.from([first * 40 + second, ...others.flatMap(septets)]));
}

/** Seven bits a byte, the highest bit set in all but the last. */
function septets(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}

/** A moment before 2050, to the second. */
export const time = (moment: Date): Buffer =>
  tagged(TAG.time, Buffer.from(`${moment.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
