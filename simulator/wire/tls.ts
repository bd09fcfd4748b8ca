// What the simulator's servers need to speak https: made at the first start, then kept.

import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from './private-file.ts';

export interface Tls {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
  /** The file with the authority's certificate, for NODE_EXTRA_CA_CERTS. */
  readonly caFile: string;
}

/** A certificate that ends sooner is made anew. */
const MIN_VALIDITY_MS = 24 * 60 * 60 * 1000;

export async function loadTls(folder: string): Promise<Tls> {
  mkdirSync(folder, { recursive: true });
  const files = {
    key: join(folder, 'server.key'),
    cert: join(folder, 'server.pem'),
    ca: join(folder, 'ca.pem'),
  };
  const allExist = Object.values(files).every((file) => existsSync(file));
  if (!allExist || !areValid(readText(files.key), readText(files.cert), readText(files.ca))) {
    // Loaded only where needed: the library takes longer to load than the rest of this folder.
    const { createCertificates } = await import('./certificate.ts');
    const made = await createCertificates();
    writePrivateFile(files.key, made.key);
    writePrivateFile(files.cert, made.certificate);
    writePrivateFile(files.ca, made.authority);
  }
  return { key: readText(files.key), cert: readText(files.cert), caFile: files.ca };
}

const readText = (file: string): string => readFileSync(file, 'utf8');

/** Whether the three belong together, which they do not when a kill came between them, and are still good. */
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
