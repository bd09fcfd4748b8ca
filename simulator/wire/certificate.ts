// Creates the simulator's certificates: one for its own authority and one for 127.0.0.1 and
// localhost. The authority signs the second certificate. Only `tls.ts` uses this file.

// `@peculiar/x509` needs this import to read its own type metadata.
import 'reflect-metadata';
import { randomBytes, type webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509';

type Key = webcrypto.CryptoKey;
type KeyPair = webcrypto.CryptoKeyPair;

const AUTHORITY = 'CN=Lifeboat simulator authority';
const SERVER = 'CN=localhost';
const DAY_MS = 24 * 60 * 60 * 1000;
const VALIDITY_MS = 3650 * DAY_MS;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface Certificates {
  /**
   * All three texts are PEM. Nobody keeps the authority's key, so nobody can issue another
   * certificate in its name.
   */
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Creates a new authority and the server certificate that it signs. */
export async function createCertificates(): Promise<Certificates> {
  const [authority, server] = await Promise.all([generateKeys(), generateKeys()]);
  const issue = (subject: string, publicKey: Key, extensions: Extension[]): Promise<string> =>
    issueCertificate(authority, { subject, publicKey, extensions });
  return {
    authority: await issue(AUTHORITY, authority.publicKey, [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ]),
    certificate: await issue(SERVER, server.publicKey, [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ]),
    key: PemConverter.encode(await crypto.subtle.exportKey('pkcs8', server.privateKey), 'PRIVATE KEY'),
  };
}

const generateKeys = (): Promise<KeyPair> => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

async function issueCertificate(
  authority: KeyPair,
  content: {
    readonly subject: string;
    readonly publicKey: Key;
    readonly extensions: Extension[];
  },
): Promise<string> {
  const certificate = await X509CertificateGenerator.create({
    ...content,
    issuer: AUTHORITY,
    serialNumber: serialNumber(),
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + VALIDITY_MS),
    signingKey: authority.privateKey,
    signingAlgorithm: ALGORITHM,
  });
  return `${certificate.toString('pem')}\n`;
}

/** Returns 16 random bytes. The first byte keeps the number positive and never shortens it. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f);
  return bytes.toString('hex');
}
