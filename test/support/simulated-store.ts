// The store of the product in the test's own process, against the simulator's Cosmos DB over the
// wire.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { createAppSettings } from '../../simulator/launch/app-settings.ts';
import { createAdminClient, type AdminClient } from '../../simulator/launch/admin-client.ts';
import type { Environment } from '../../simulator/environments/schema.ts';
import { startAzureServers } from '../../simulator/azure/start-azure-servers.ts';
import type { ServerAddresses } from '../../simulator/azure/server-addresses.ts';
import { advanceClock } from './advance-clock.ts';

export interface SimulatedStore extends AdminClient {
  readonly addresses: ServerAddresses;
  /** The file with every exchange with ARM, when the test requested it. */
  readonly trace: string;
  close(): Promise<void>;
}

/** Configures this process as the app of a simulator. Call it before any use of the store. */
export function configureProcessAsApp(
  addresses: ServerAddresses,
  data: string,
  extra: Readonly<Record<string, string>> = {},
): void {
  const { identityHeader } = JSON.parse(readFileSync(join(data, 'identity.json'), 'utf8')) as {
    identityHeader: string;
  };
  Object.assign(process.env, createAppSettings({ addresses, identityHeader, database: 'lifeboat', extra }));
  // Leaves out the certificates of an earlier simulator: all simulators' authorities have one name,
  // and each its own key.
  setDefaultCACertificates([...getCACertificates('bundled'), readFileSync(addresses.caFile, 'utf8')]);
}

export async function startSimulatedStore(
  ranges = 1,
  extra: Readonly<Record<string, string>> = {},
  options: { readonly trace?: boolean; readonly environment?: Environment } = {},
): Promise<SimulatedStore> {
  const data = mkdtempSync(join(tmpdir(), 'lifeboat-store-'));
  const trace = join(data, 'trace.ndjson');
  const file = join(data, 'environment.yaml');
  // JSON is YAML too.
  if (options.environment) writeFileSync(file, JSON.stringify(options.environment));
  // A clock that moves only on command: it waits for a participant that is idle only then.
  const azureServers = await startAzureServers({
    data,
    clock: 'jumping',
    participants: [IDLE_PARTICIPANT],
    environment: options.environment ? file : 'contoso',
    cosmosRanges: ranges,
    ...(options.trace ? { trace } : {}),
    containers: join(import.meta.dirname, '..', '..', 'infra', 'agreement.json'),
  });
  configureProcessAsApp(azureServers.addresses, data, extra);
  return {
    ...createAdminClient(() => azureServers.addresses),
    addresses: azureServers.addresses,
    trace,
    advance: (seconds) => advanceClock(azureServers.addresses.clock, IDLE_PARTICIPANT, seconds * 1000),
    async close() {
      await azureServers.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

const IDLE_PARTICIPANT = 'nobody';
