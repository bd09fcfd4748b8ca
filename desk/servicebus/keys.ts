import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writePrivately } from '../wire/private-file.ts';
import type { Key } from './sas.ts';

/** Made at the first start, then kept in a file that only its owner may read. */
export function loadServiceBusKeys(file: string): [Key, ...Key[]] {
  if (!existsSync(file)) writePrivately(file, JSON.stringify([{ name: 'RootManageSharedAccessKey', key: randomBytes(32).toString('base64') }], undefined, 2));
  return JSON.parse(readFileSync(file, 'utf8')) as [Key, ...Key[]];
}
