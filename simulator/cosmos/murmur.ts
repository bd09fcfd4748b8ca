// MurmurHash3 (x64, 128 bits). Cosmos DB distributes partition keys with this hash.

const MASK = (1n << 64n) - 1n;
const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;

/** Returns the hash as 16 bytes: the first half, then the second, each little-endian. */
export function murmur128(bytes: Buffer): Buffer {
  const blocks = Math.floor(bytes.length / 16);
  let h1 = 0n;
  let h2 = 0n;
  for (let block = 0; block < blocks; block += 1) {
    h1 ^= mixFirst(bytes.readBigUInt64LE(block * 16));
    h1 = (times(rotate(h1, 27n) + h2, 5n) + 0x52dce729n) & MASK;
    h2 ^= mixSecond(bytes.readBigUInt64LE(block * 16 + 8));
    h2 = (times(rotate(h2, 31n) + h1, 5n) + 0x38495ab5n) & MASK;
  }
  const rest = Buffer.alloc(16);
  bytes.copy(rest, 0, blocks * 16);
  const length = BigInt(bytes.length);
  h1 ^= mixFirst(rest.readBigUInt64LE(0)) ^ length;
  h2 ^= mixSecond(rest.readBigUInt64LE(8)) ^ length;
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 = (h1 + h2) & MASK;
  h2 = (h2 + h1) & MASK;
  const hash = Buffer.alloc(16);
  hash.writeBigUInt64LE(h1, 0);
  hash.writeBigUInt64LE(h2, 8);
  return hash;
}

function times(left: bigint, right: bigint): bigint {
  return (left * right) & MASK;
}

function rotate(value: bigint, bits: bigint): bigint {
  const kept = value & MASK;
  return ((kept << bits) | (kept >> (64n - bits))) & MASK;
}

function mixFirst(block: bigint): bigint {
  return times(rotate(times(block, C1), 31n), C2);
}

function mixSecond(block: bigint): bigint {
  return times(rotate(times(block, C2), 33n), C1);
}

function finish(value: bigint): bigint {
  const once = times(value ^ (value >> 33n), 0xff51afd7ed558ccdn);
  const twice = times(once ^ (once >> 33n), 0xc4ceb9fe1a85ec53n);
  return twice ^ (twice >> 33n);
}
