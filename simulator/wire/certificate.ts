// Certificates of the simulator: its own authority, and one for 127.0.0.1 and localhost issued by
// it (RFC 5280).

import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { bits, integer, octets, oid, sequence, set, tagged, time, truth, utf8 } from './der.ts';

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  subjectAlternativeName: '2.5.29.17',
};
const AUTHORITY = 'Lifeboat simulator authority';
const DAY = 24 * 60 * 60 * 1000;
const VALID_FOR = 3650 * DAY;

export interface Certificates {
  /** PEM each. The authority's key is thrown away: nothing else can ever be issued in its name. */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export function makeCertificates(): Certificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issue = (subject: string, publicKey: KeyObject, extensions: Buffer[]): string =>
    certificate({ subject, publicKey, extensions, signedWith: authority.privateKey });
  return {
    authority: issue(AUTHORITY, authority.publicKey, [
      extension(OID.basicConstraints, sequence(truth()), true),
      // signs certificates and their revocation
      extension(OID.keyUsage, bits(Buffer.from([0b0000_0110]), 1), true),
    ]),
    certificate: issue('localhost', server.publicKey, [
      extension(OID.basicConstraints, sequence(), true),
      extension(OID.keyUsage, bits(Buffer.from([0b1000_0000]), 7), true), // signs handshakes
      extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuthentication))),
      extension(
        OID.subjectAlternativeName,
        sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.from([127, 0, 0, 1]))),
      ),
    ]),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

interface Content {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly signedWith: KeyObject;
}

function certificate({ subject, publicKey, extensions, signedWith }: Content): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const serial = randomBytes(16);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f); // positive, and never shorter
  const content = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    algorithm,
    named(AUTHORITY),
    sequence(time(new Date(Date.now() - DAY)), time(new Date(Date.now() + VALID_FOR))),
    named(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const whole = sequence(content, algorithm, bits(sign('sha256', content, signedWith)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const named = (name: string): Buffer => sequence(set(sequence(oid(OID.commonName), utf8(name))));

const extension = (name: string, value: Buffer, critical = false): Buffer =>
  sequence(oid(name), ...(critical ? [truth()] : []), octets(value));
