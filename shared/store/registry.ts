// The registry: replicated VMs under Lifeboat's own ids, and who holds them.
import type { Item } from '../domain/item.ts';
import { batch, create, query, read, type Stored } from './cosmos.ts';
import { SCHEMA, type LockDocument, type ReplicatedVmDocument } from './documents.ts';

const REGISTRY = 'registry';
const lockIdOf = (vmId: string): string => `lock:${vmId}`;

export const addVm = (vm: ReplicatedVmDocument): Promise<boolean> => create(REGISTRY, vm);

export const readVm = (vaultId: string, vmId: string): Promise<Stored<ReplicatedVmDocument> | undefined> =>
  read<ReplicatedVmDocument>(REGISTRY, vmId, vaultId);

export const allVms = (): Promise<Stored<ReplicatedVmDocument>[]> => query<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm'" });

export const vmsOfVault = (vaultId: string): Promise<Stored<ReplicatedVmDocument>[]> =>
  query<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm'", partition: { key: 'vaultId', value: vaultId } });

/** A caller knows our ids and not their vaults, so this asks every partition. */
export const findVms = (ids: readonly string[]): Promise<Stored<ReplicatedVmDocument>[]> =>
  query<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm' AND ARRAY_CONTAINS(@ids, c.id)", parameters: { ids } });

export const findLocks = (vmIds: readonly string[]): Promise<Stored<LockDocument>[]> =>
  query<LockDocument>(REGISTRY, { where: "c.type = 'lock' AND ARRAY_CONTAINS(@ids, c.vmId)", parameters: { ids: vmIds } });

export const seenNow = (item: Item, now: Date): ReplicatedVmDocument['seen'] => ({
  protectionState: item.protectionState,
  activeLocation: item.activeLocation,
  allowedOperations: item.allowedOperations,
  health: item.health,
  at: now.toISOString(),
});

/** False when the VM was changed in between. */
export async function saveVm(vm: Stored<ReplicatedVmDocument>, change: Partial<ReplicatedVmDocument>): Promise<boolean> {
  return (await batch(REGISTRY, vm.vaultId, [{ replace: { ...vm, ...change }, etag: vm._etag }])) !== undefined;
}

/** The same, and only while the job still holds the VM: both are proven in one batch. */
export async function saveVmHeldBy(lock: Stored<LockDocument>, vm: Stored<ReplicatedVmDocument>, change: Partial<ReplicatedVmDocument>): Promise<boolean> {
  const writes = [{ replace: { ...vm, ...change }, etag: vm._etag }, { replace: lock, etag: lock._etag }];
  return (await batch(REGISTRY, vm.vaultId, writes)) !== undefined;
}

export const readLock = (vaultId: string, vmId: string): Promise<Stored<LockDocument> | undefined> =>
  read<LockDocument>(REGISTRY, lockIdOf(vmId), vaultId);

export type Taking = { readonly taken: true } | { readonly taken: false; readonly holder: string };

/** A job that holds the VM already, at this or an older epoch of its own, keeps it. No lock expires: that is what makes two owners. */
export async function takeLock(vm: { readonly vaultId: string; readonly vmId: string }, jobId: string, epoch: number, now: Date): Promise<Taking> {
  const lock: LockDocument = { id: lockIdOf(vm.vmId), type: 'lock', schema: SCHEMA, ...vm, jobId, epoch, takenAt: now.toISOString() };
  if (await create(REGISTRY, lock)) return { taken: true };
  const held = await readLock(vm.vaultId, vm.vmId);
  if (!held) return takeLock(vm, jobId, epoch, now);
  if (held.jobId !== jobId || held.epoch > epoch) return { taken: false, holder: held.jobId };
  if (held.epoch === epoch) return { taken: true };
  const next: LockDocument = { ...held, epoch };
  const raised = await batch(REGISTRY, vm.vaultId, [{ replace: next, etag: held._etag }]);
  return raised ? { taken: true } : takeLock(vm, jobId, epoch, now);
}

/** Gives back what this job holds at this epoch; what is not its own stays. */
export async function freeLock(vm: { readonly vaultId: string; readonly vmId: string }, jobId: string, epoch: number): Promise<void> {
  const held = await readLock(vm.vaultId, vm.vmId);
  if (held?.jobId !== jobId || held.epoch !== epoch) return;
  await batch(REGISTRY, vm.vaultId, [{ remove: held.id, etag: held._etag }]);
}
