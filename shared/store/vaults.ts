// The vaults that Lifeboat was told of: by its settings, or by a command that made or named one.
import { config } from '../config.ts';
import { vaultKeyOf } from '../ids.ts';
import { addedVaults } from './sources.ts';

export interface ToldVault {
  /** The registry's key. */
  readonly id: string;
  readonly armId: string;
}

export async function toldVaults(): Promise<readonly ToldVault[]> {
  const armIds = [...config().LIFEBOAT_VAULTS, ...(await addedVaults()).map(({ armId }) => armId)];
  return [...new Map(armIds.map((armId) => [vaultKeyOf(armId), { id: vaultKeyOf(armId), armId }])).values()];
}
