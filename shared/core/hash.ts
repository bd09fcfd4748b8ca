// SHA-1 and the GUIDs and name tails drawn from it (RFC 9562, version 5): names that must come out
// the same for ever, in every process.
const LIFEBOAT = '5ba5bd1c-8f9e-4d3c-9a67-0b1f4f0b7a52';

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** The message, a one bit, zeros, and its length in bits: whole blocks of sixteen words. */
function blocksOf(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(((bytes.length + 8) >> 6) * 16 + 16);
  const put = (at: number, byte: number): void => {
    words[at >> 2] = (words[at >> 2] ?? 0) | (byte << (24 - (at & 3) * 8));
  };
  bytes.forEach((byte, at) => put(at, byte));
  put(bytes.length, 0x80);
  words[words.length - 1] = bytes.length * 8;
  return words;
}

function roundOf(at: number, b: number, c: number, d: number): number {
  if (at < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (at < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (at < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

export function sha1(bytes: Uint8Array): string {
  const words = blocksOf(bytes);
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const schedule = new Int32Array(80);
  for (let block = 0; block < words.length; block += 16) {
    let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
    for (let at = 0; at < 80; at += 1) {
      const word = (back: number): number => schedule[at - back] ?? 0;
      schedule[at] = at < 16 ? (words[block + at] ?? 0) : rotate(word(3) ^ word(8) ^ word(14) ^ word(16), 1);
      const next = (rotate(a, 5) + roundOf(at, b, c, d) + e + (schedule[at] ?? 0)) | 0;
      [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
    }
    [a, b, c, d, e].forEach((value, at) => {
      state[at] = ((state[at] ?? 0) + value) | 0;
    });
  }
  return [...state].map((value) => (value >>> 0).toString(16).padStart(8, '0')).join('');
}

const bytesOfGuid = (guid: string): number[] =>
  (guid.replaceAll('-', '').match(/../g) ?? []).map((pair) => parseInt(pair, 16));

/** Version 5: the same text gives the same GUID, everywhere and always. */
export function guidOf(text: string): string {
  const hex = sha1(new Uint8Array([...bytesOfGuid(LIFEBOAT), ...new TextEncoder().encode(text)]));
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const last = `${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${last}`;
}

/** Six letters and digits that tell two long or equal names apart. */
export const tail = (text: string): string => sha1(new TextEncoder().encode(text.toLowerCase())).slice(0, 6);
