// The vaults that Lifeboat was told of: by its settings, or by a command that made or named one.
import { config } from '../config.ts';
import { vaultKeyOf } from '../ids.ts';
import { query } from './cosmos.ts';

export interface ToldVault {
  /** The registry's key. */
  readonly id: string;
  readonly armId: string;
}

export async function toldVaults(): Promise<readonly ToldVault[]> {
  const added = await query<{ readonly armId: string }>('registry', { where: "c.type = 'vault'" });
  const armIds = [...config().LIFEBOAT_VAULTS, ...added.map(({ armId }) => armId)];
  return [...new Map(armIds.map((armId) => [vaultKeyOf(armId), { id: vaultKeyOf(armId), armId }])).values()];
}

/** How often replication of a VM was begun in this vault, this time included, by source VM id in lower case. */
export async function generationsIn(vaultArmId: string): Promise<Readonly<Record<string, number>>> {
  const sources = await query<{ readonly sourceVmId: string; readonly generation: number; readonly spent: boolean }>('registry', { where: "c.type = 'source'", partition: { key: 'vaultId', value: vaultKeyOf(vaultArmId) } });
  return Object.fromEntries(sources.map(({ sourceVmId, generation, spent }) => [sourceVmId.toLowerCase(), spent ? generation + 1 : generation]));
}
