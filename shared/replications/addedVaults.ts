// Stores the vaults that commands added, and forgets those that a person unregistered.
import { createDocument, queryDocuments, readDocument, writeBatch, type WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { VaultDocument } from './documents.ts';
import { removeEnablingVms } from './enablingVms.ts';
import { readVmsOfVault, removeVm } from './registry.ts';

const REGISTRY = 'registry';

/** Adds a vault that a command named, also one that was unregistered. */
export async function addVault(vaultId: string, armId: string, now: Date): Promise<void> {
  const before = await readAddedVault(vaultId);
  if (before && before.removedAt === undefined) return;
  const vault: VaultDocument = {
    id: 'vault',
    type: 'vault',
    schema: SCHEMA_VERSION,
    vaultId,
    armId,
    addedAt: now.toISOString(),
    version: before ? vaultVersionOf(before) + 1 : 1,
  };
  if (before) await writeBatch(REGISTRY, vaultId, [{ replace: vault, etag: before._etag }]);
  else await createDocument(REGISTRY, vault);
}

/** Reads a vault that a command added, also one that is no longer registered. */
export const readAddedVault = (vaultId: string): Promise<WithEtag<VaultDocument> | undefined> =>
  readDocument<VaultDocument>(REGISTRY, 'vault', vaultId);

/** The number of the registration of a vault. */
export const vaultVersionOf = ({ version = 1 }: VaultDocument): number => version;

/** The vaults that commands added, without those that were unregistered. */
export const readAddedVaults = (): Promise<VaultDocument[]> =>
  queryDocuments<VaultDocument>(REGISTRY, { where: "c.type = 'vault' AND NOT IS_DEFINED(c.removedAt)" });

/** The vaults that were unregistered. */
export const readRemovedVaults = (): Promise<VaultDocument[]> =>
  queryDocuments<VaultDocument>(REGISTRY, { where: "c.type = 'vault' AND IS_DEFINED(c.removedAt)" });

/** Marks a vault as unregistered. False: another writer has changed it. */
export async function markVaultRemoved(vault: WithEtag<VaultDocument>, now: Date): Promise<boolean> {
  const removed: VaultDocument = { ...vault, removedAt: now.toISOString() };
  return (await writeBatch(REGISTRY, vault.vaultId, [{ replace: removed, etag: vault._etag }])) !== undefined;
}

/**
 * Removes the VMs of an unregistered vault from the registry, but no VM with a lock. The counts of
 * enablings stay: the names of items follow from them.
 */
export async function forgetVaultVms(vaultId: string, now: Date): Promise<void> {
  for (const vm of await readVmsOfVault(vaultId)) await removeVm(vm, now);
  await removeEnablingVms(vaultId);
}
