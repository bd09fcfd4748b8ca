// The store of the product in the test's own process, against the simulator's Cosmos DB over the wire.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { appSettings } from '../../simulator/launch/app-settings.ts';
import { adminClient, type AdminClient } from '../../simulator/launch/admin-client.ts';
import type { Environment } from '../../simulator/environments/schema.ts';
import { startAzureServers } from '../../simulator/azure/start-azure-servers.ts';
import type { Addresses } from '../../simulator/azure/addresses.ts';
import { letTimeGo } from './held-clock.ts';

export interface SimulatedStore extends AdminClient {
  readonly addresses: Addresses;
  /** Where every exchange with ARM stands, when that was asked for. */
  readonly trace: string;
  close(): Promise<void>;
}

/**
 * From here on this process is, towards Azure, the app on a simulator. Call it before anything of
 * the store is used.
 */
export function beTheApp(
  addresses: Addresses,
  data: string,
  extra: Readonly<Record<string, string>> = {},
): void {
  const { identityHeader } = JSON.parse(readFileSync(join(data, 'identity.json'), 'utf8')) as {
    identityHeader: string;
  };
  Object.assign(process.env, appSettings({ addresses, identityHeader, database: 'lifeboat', extra }));
  // Not those of an earlier simulator: all simulators' authorities have one name, and each its own key.
  setDefaultCACertificates([...getCACertificates('bundled'), readFileSync(addresses.caFile, 'utf8')]);
}

export async function simulatedStore(
  ranges = 1,
  extra: Readonly<Record<string, string>> = {},
  more: { readonly trace?: boolean; readonly environment?: Environment } = {},
): Promise<SimulatedStore> {
  const data = mkdtempSync(join(tmpdir(), 'lifeboat-store-'));
  const trace = join(data, 'trace.ndjson');
  const file = join(data, 'environment.yaml');
  // JSON is YAML too.
  if (more.environment) writeFileSync(file, JSON.stringify(more.environment));
  // A clock that only moves when it is told to: it waits for a participant that is idle then alone.
  const azureServers = await startAzureServers({
    data,
    clock: 'jumping',
    participants: [NOBODY],
    environment: more.environment ? file : 'contoso',
    cosmosRanges: ranges,
    ...(more.trace ? { trace } : {}),
    containers: join(import.meta.dirname, '..', '..', 'infra', 'agreement.json'),
  });
  beTheApp(azureServers.addresses, data, extra);
  return {
    ...adminClient(() => azureServers.addresses),
    addresses: azureServers.addresses,
    trace,
    advance: (seconds) => letTimeGo(azureServers.addresses.clock, NOBODY, seconds * 1000),
    async close() {
      await azureServers.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

const NOBODY = 'nobody';
