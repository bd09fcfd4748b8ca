// Resource ids and ETags. Callers must not interpret them. But the SDK sorts documents by bytes 8
// to 15 of their ids.

export function databaseRid(database: number): string {
  return encode([database], []);
}

export function containerRid(database: number, container: number): string {
  return encode([database, container], []);
}

export function documentRid(database: number, container: number, document: number): string {
  return encode([database, container], [document]);
}

/** Returns the ETag of a write. Every write has another ETag. */
export function etagOf(write: number, timestamp: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const count = hex(write, 16);
  return `"${count.slice(8)}-${count.slice(4, 8)}-0d00-0000-${hex(timestamp, 8)}0000"`;
}

function encode(small: readonly number[], large: readonly number[]): string {
  const bytes = Buffer.alloc(small.length * 4 + large.length * 8);
  small.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  large.forEach((value, index) => bytes.writeBigUInt64LE(BigInt(value), small.length * 4 + index * 8));
  return bytes.toString('base64').replaceAll('/', '-');
}
