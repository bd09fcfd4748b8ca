// Azure in the simulator, for product code that reads Azure in the test's process. It records every
// exchange.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../simulator/environments/schema.ts';
import { startAzureServers } from '../../simulator/azure/start-azure-servers.ts';
import type { ServerAddresses } from '../../simulator/azure/server-addresses.ts';
import { configureProcessAsApp } from './simulated-store.ts';

export interface SimulatedAzure {
  readonly addresses: ServerAddresses;
  /** The requests to ARM since the last call, as `GET path`. */
  readNewRequests(): readonly string[];
  close(): Promise<void>;
}

export async function startSimulatedAzure(
  environment: string | Environment,
  clock: 'real' | 'jumping' = 'real',
): Promise<SimulatedAzure> {
  const data = mkdtempSync(join(tmpdir(), 'lifeboat-azure-'));
  const trace = join(data, 'trace.ndjson');
  const file = join(data, 'environment.yaml');
  // JSON is YAML too.
  if (typeof environment !== 'string') writeFileSync(file, JSON.stringify(environment));
  const azureServers = await startAzureServers({
    data,
    clock,
    participants: [],
    environment: typeof environment === 'string' ? environment : file,
    cosmosRanges: 1,
    trace,
    containers: join(import.meta.dirname, '..', '..', 'infra', 'agreement.json'),
  });
  configureProcessAsApp(azureServers.addresses, data);
  let readCount = 0;
  return {
    addresses: azureServers.addresses,
    readNewRequests() {
      const lines = readFileSync(trace, 'utf8')
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { method: string; path: string });
      const fresh = lines.slice(readCount);
      readCount = lines.length;
      return fresh.map(({ method, path }) => `${method} ${path}`);
    },
    async close() {
      await azureServers.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
