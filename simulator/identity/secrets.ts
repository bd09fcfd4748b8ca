// The secrets of the token issuer. The first start creates them in a file that only its owner may
// read.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writePrivateFile } from '../wire/private-file.ts';
import { SERVICE_PRINCIPALS } from './directory.ts';

interface StoredSecrets {
  readonly privateKey: string;
  readonly identityHeader: string;
  readonly clientSecrets: Readonly<Record<string, string>>;
}

/** The signing key and the secrets of the clients. */
export interface IdentitySecrets {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly keyId: string;
  /** The secret of the managed identity endpoint, as App Service gives it to its app. */
  readonly identityHeader: string;
  /** The client secrets by client id. */
  readonly clientSecrets: Readonly<Record<string, string>>;
}

/** Loads the secrets of the file, and creates the file when it is missing. */
export function loadIdentitySecrets(file: string): IdentitySecrets {
  if (!existsSync(file)) writePrivateFile(file, JSON.stringify(createSecrets(), undefined, 2));
  const stored = JSON.parse(readFileSync(file, 'utf8')) as StoredSecrets;
  const privateKey = createPrivateKey(stored.privateKey);
  const publicKey = createPublicKey(privateKey);
  const keyId = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 27);
  return {
    privateKey,
    publicKey,
    keyId,
    identityHeader: stored.identityHeader,
    clientSecrets: stored.clientSecrets,
  };
}

const createSecret = (): string => randomBytes(24).toString('base64url');

function createSecrets(): StoredSecrets {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    identityHeader: createSecret(),
    clientSecrets: Object.fromEntries(SERVICE_PRINCIPALS.map(({ clientId }) => [clientId, createSecret()])),
  };
}
