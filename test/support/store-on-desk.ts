// The store of the product in the test's own process, against the desk's Cosmos DB over the wire.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { appSettings } from '../../desk/launch/app-settings.ts';
import { adminClient, type AdminClient } from '../../desk/launch/admin-client.ts';
import type { Estate } from '../../desk/estates/schema.ts';
import { startNeighbours } from '../../desk/neighbours/start-neighbours.ts';
import type { Addresses } from '../../desk/neighbours/addresses.ts';
import { letTimeGo } from './held-clock.ts';

export interface StoreOnDesk extends AdminClient {
  readonly addresses: Addresses;
  /** Where every exchange with ARM stands, when that was asked for. */
  readonly trace: string;
  close(): Promise<void>;
}

/** From here on this process is, towards Azure, the app on a desk. Call it before anything of the store is used. */
export function beTheApp(addresses: Addresses, data: string, extra: Readonly<Record<string, string>> = {}): void {
  const { identityHeader } = JSON.parse(readFileSync(join(data, 'identity.json'), 'utf8')) as { identityHeader: string };
  Object.assign(process.env, appSettings({ addresses, identityHeader, database: 'lifeboat', extra }));
  // Not those of an earlier desk: all desks' authorities have one name, and each its own key.
  setDefaultCACertificates([...getCACertificates('bundled'), readFileSync(addresses.caFile, 'utf8')]);
}

export async function storeOnDesk(ranges = 1, extra: Readonly<Record<string, string>> = {}, more: { readonly trace?: boolean; readonly estate?: Estate } = {}): Promise<StoreOnDesk> {
  const data = mkdtempSync(join(tmpdir(), 'lifeboat-store-'));
  const trace = join(data, 'trace.ndjson');
  const file = join(data, 'estate.yaml');
  // JSON is YAML too.
  if (more.estate) writeFileSync(file, JSON.stringify(more.estate));
  // A clock that only moves when it is told to: it waits for a participant that is idle then alone.
  const neighbours = await startNeighbours({
    data, clock: 'jumping', participants: [NOBODY], estate: more.estate ? file : 'contoso', cosmosRanges: ranges, ...(more.trace ? { trace } : {}), containers: join(import.meta.dirname, '..', '..', 'infra', 'agreement.json'),
  });
  beTheApp(neighbours.addresses, data, extra);
  return {
    ...adminClient(() => neighbours.addresses),
    addresses: neighbours.addresses,
    trace,
    advance: (seconds) => letTimeGo(neighbours.addresses.clock, NOBODY, seconds * 1000),
    async close() {
      await neighbours.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

const NOBODY = 'nobody';
