// node simulator/host/real-durable/storage-main.ts [--location DIR]
//
// Runs Azurite on free ports of this machine, in memory by default. When ready, it
// prints one line of JSON to stdout: {"ready":{"connection":"…"}}. All other output goes to stderr.

import { randomBytes } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { storageModule } from './install-storage.ts';

const ACCOUNT = 'simulator';
const SERVICES = ['Blob', 'Queue', 'Table'] as const;

const { location } = parseArgs({ options: { location: { type: 'string' } } }).values;
const key = randomBytes(32).toString('base64');
process.env.AZURITE_ACCOUNTS = `${ACCOUNT}:${key}`;
// Azurite has no interface for code: it reads its arguments and prints its addresses.
process.argv.splice(
  2,
  Infinity,
  ...SERVICES.flatMap((service) => [
    `--${service.toLowerCase()}Host`,
    '127.0.0.1',
    `--${service.toLowerCase()}Port`,
    '0',
  ]),
  ...['--silent', '--skipApiVersionCheck', '--disableTelemetry'],
  ...(location === undefined ? ['--inMemoryPersistence'] : ['--location', location]),
);
const addresses = new Map<string, string>();
console.log = (line: string) => {
  process.stderr.write(`${line}\n`);
  const [, service, address] = /^Azurite (\w+) service is successfully listening at (\S+)/.exec(line) ?? [];
  if (service === undefined || address === undefined) return;
  addresses.set(service, address);
  if (addresses.size < SERVICES.length) return;
  const endpoints = SERVICES.map(
    (service) => `${service}Endpoint=${addresses.get(service) ?? ''}/${ACCOUNT}`,
  );
  const connection = [
    'DefaultEndpointsProtocol=http',
    `AccountName=${ACCOUNT}`,
    `AccountKey=${key}`,
    ...endpoints,
  ].join(';');
  process.stdout.write(`${JSON.stringify({ ready: { connection } })}\n`);
};
await import(pathToFileURL(storageModule()).href);
