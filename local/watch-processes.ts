// Watches the processes of a running simulator. Without that, a person would see nothing when one of
// them dies.

import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { tailOf } from '../simulator/launch/child.ts';
import type { Simulator } from '../simulator/simulator.ts';

/** Below this, every write to the data folder soon fails. */
const MIN_FREE_BYTES = 1_000_000;

/**
 * Waits for the first process that ends by itself, stops the others, and returns the report for the
 * person. Resolves with undefined after `stop` of the simulator itself.
 */
export async function waitForDeath(
  simulator: Pick<Simulator, 'data' | 'host' | 'azureServers' | 'stop'>,
  isStopping: () => boolean,
): Promise<string | undefined> {
  const dead = await Promise.race([
    simulator.host.ended().then(() => ['The host with Lifeboat', 'host.log'] as const),
    simulator.azureServers.ended().then(() => ['Azure in the simulator', 'azure-servers.log'] as const),
  ]);
  if (isStopping()) return undefined;
  const [name, file] = dead;
  const log = join(simulator.data, file);
  const report = `${name} has ended by itself.${describeFullDisk(simulator.data)} The end of ${log}:\n${tailOf(log)}`;
  await simulator.stop();
  return report;
}

function describeFullDisk(folder: string): string {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < MIN_FREE_BYTES ? ` No space is left on the disk of ${folder}.` : '';
}
