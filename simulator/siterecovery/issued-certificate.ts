// Creates the certificates that a vault issues on request. The certificate generators of packages
// are asynchronous, and a vault answers within one transaction. So this file writes the few fields
// of an X.509 certificate itself.

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const Tag = {
  integer: 0x02,
  bitString: 0x03,
  utf8String: 0x0c,
  time: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;
type Tag = (typeof Tag)[keyof typeof Tag];

/** The object identifiers of ecdsa-with-SHA256 and of a common name, with tag and length. */
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');

function lengthOf(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size]);
  const bytes = Buffer.from(size.toString(16).padStart(4, '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 + bytes.length]), bytes]);
}

function element(tag: Tag, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

const nameOf = (text: string): Buffer =>
  element(
    Tag.sequence,
    element(Tag.set, element(Tag.sequence, COMMON_NAME, element(Tag.utf8String, Buffer.from(text)))),
  );

/** `YYYYMMDDHHMMSSZ`, the time of a certificate. */
const timeOf = (at: number): Buffer =>
  element(
    Tag.time,
    Buffer.from(
      new Date(at)
        .toISOString()
        .replace(/\.\d+Z$/, 'Z')
        .replace(/[-:T]/g, ''),
    ),
  );

const bitString = (bytes: Buffer): Buffer => element(Tag.bitString, Buffer.from([0]), bytes);

/** Returns a new self-signed certificate in its binary form. Nobody keeps its key. */
export function issueCertificate(commonName: string, validFrom: number, validTo: number): Buffer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = nameOf(commonName);
  const algorithm = element(Tag.sequence, ECDSA_WITH_SHA256);
  const content = element(
    Tag.sequence,
    // The first byte keeps the number positive.
    element(Tag.integer, Buffer.from([0x40]), randomBytes(15)),
    algorithm,
    name,
    element(Tag.sequence, timeOf(validFrom), timeOf(validTo)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  return element(Tag.sequence, content, algorithm, bitString(sign('sha256', content, privateKey)));
}
