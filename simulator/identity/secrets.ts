// What the issuer keeps to itself: made at the first start, then kept in a file that only its owner may read.

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

export interface IdentitySecrets {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly keyId: string;
  /** What the managed identity endpoint asks for, as App Service gives it to its app. */
  readonly identityHeader: string;
  /** By client id. */
  readonly clientSecrets: Readonly<Record<string, string>>;
}

export function loadIdentitySecrets(file: string): IdentitySecrets {
  if (!existsSync(file)) writePrivateFile(file, JSON.stringify(createSecrets(), undefined, 2));
  const kept = JSON.parse(readFileSync(file, 'utf8')) as StoredSecrets;
  const privateKey = createPrivateKey(kept.privateKey);
  const publicKey = createPublicKey(privateKey);
  const keyId = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 27);
  return {
    privateKey,
    publicKey,
    keyId,
    identityHeader: kept.identityHeader,
    clientSecrets: kept.clientSecrets,
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
