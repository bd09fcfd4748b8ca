// Azure on the desk for the product's own reading in the test's process, with every exchange that it took written down.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Estate } from '../../desk/estates/schema.ts';
import { startNeighbours } from '../../desk/neighbours/start-neighbours.ts';
import type { Addresses } from '../../desk/neighbours/addresses.ts';
import { beTheApp } from './store-on-desk.ts';

export interface AzureOnDesk {
  readonly addresses: Addresses;
  /** What was asked of ARM since the last time, as `GET path`. */
  asked(): readonly string[];
  close(): Promise<void>;
}

export async function azureOnDesk(estate: string | Estate, clock: 'real' | 'jumping' = 'real'): Promise<AzureOnDesk> {
  const data = mkdtempSync(join(tmpdir(), 'lifeboat-azure-'));
  const trace = join(data, 'trace.ndjson');
  const file = join(data, 'estate.yaml');
  // JSON is YAML too.
  if (typeof estate !== 'string') writeFileSync(file, JSON.stringify(estate));
  const neighbours = await startNeighbours({ data, clock, participants: [], estate: typeof estate === 'string' ? estate : file, cosmosRanges: 1, trace, containers: join(import.meta.dirname, '..', '..', 'infra', 'agreement.json') });
  beTheApp(neighbours.addresses, data);
  let seen = 0;
  return {
    addresses: neighbours.addresses,
    asked() {
      const lines = readFileSync(trace, 'utf8').trim().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { method: string; path: string });
      const fresh = lines.slice(seen);
      seen = lines.length;
      return fresh.map(({ method, path }) => `${method} ${path}`);
    },
    async close() {
      await neighbours.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
