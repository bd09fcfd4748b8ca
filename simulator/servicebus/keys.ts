// The keys of the simulator's Service Bus and its connection string.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writePrivateFile } from '../wire/private-file.ts';
import type { SasKey } from './sas.ts';

/**
 * Returns the connection string for clients on this machine. It contains the key: do not log it.
 */
export function connectionString(port: number, keys: readonly SasKey[], keyName = keys[0]?.name): string {
  const key = keys.find(({ name }) => name === keyName);
  if (key === undefined) throw new Error(`There is no key named "${keyName ?? ''}".`);
  return `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=${key.name};SharedAccessKey=${key.key};UseDevelopmentEmulator=true`;
}

/**
 * Loads the keys. The first start creates them and stores them in a file that only its owner may
 * read.
 */
export function loadServiceBusKeys(file: string): [SasKey, ...SasKey[]] {
  if (!existsSync(file))
    writePrivateFile(
      file,
      JSON.stringify(
        [{ name: 'RootManageSharedAccessKey', key: randomBytes(32).toString('base64') }],
        undefined,
        2,
      ),
    );
  return JSON.parse(readFileSync(file, 'utf8')) as [SasKey, ...SasKey[]];
}
