// The key and the certificates of the https servers. The first start creates them in the data
// folder, and later starts reuse them.

import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from './private-file.ts';

/** The key and the certificate of a server, and the file that clients must trust. */
export interface Tls {
  /** The private key as PEM. */
  readonly key: string;
  readonly cert: string;
  /** The file with the authority's certificate, for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string;
}

/** The simulator replaces a certificate that expires sooner. */
const MIN_VALIDITY_MS = 24 * 60 * 60 * 1000;

/** Loads the certificates of a folder, and creates them when they are missing or no longer valid. */
export async function loadTls(folder: string): Promise<Tls> {
  mkdirSync(folder, { recursive: true });
  const files = {
    key: join(folder, 'server.key'),
    cert: join(folder, 'server.pem'),
    ca: join(folder, 'ca.pem'),
  };
  const allExist = Object.values(files).every((file) => existsSync(file));
  if (!allExist || !areValid(readText(files.key), readText(files.cert), readText(files.ca))) {
    // The import is late because the library takes longer to load than the rest of this folder.
    const { createCertificates } = await import('./certificate.ts');
    const certificates = await createCertificates();
    writePrivateFile(files.key, certificates.key);
    writePrivateFile(files.cert, certificates.certificate);
    writePrivateFile(files.ca, certificates.authority);
  }
  return { key: readText(files.key), cert: readText(files.cert), caFile: files.ca };
}

const readText = (file: string): string => readFileSync(file, 'utf8');

/**
 * Whether the three files belong together and are still valid. A kill between two writes leaves
 * files that do not match.
 */
function areValid(key: string, cert: string, ca: string): boolean {
  try {
    const [certificate, authority] = [new X509Certificate(cert), new X509Certificate(ca)];
    return (
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      certificate.verify(authority.publicKey) &&
      certificate.validToDate.getTime() > Date.now() + MIN_VALIDITY_MS
    );
  } catch {
    return false;
  }
}
