// The registry: replicated VMs under Lifeboat's own ids, and who holds them.
import type { Item } from '../domain/item.ts';
import { batch, chunks, create, query, read, type Stored } from './cosmos.ts';
import { SCHEMA, type LockDocument, type ReplicatedVmDocument } from './documents.ts';

const REGISTRY = 'registry';
const lockIdOf = (targetId: string): string => `lock:${targetId}`;

export const addVm = (vm: ReplicatedVmDocument): Promise<boolean> => create(REGISTRY, vm);

export const readVm = (vaultId: string, vmId: string): Promise<Stored<ReplicatedVmDocument> | undefined> =>
  read<ReplicatedVmDocument>(REGISTRY, vmId, vaultId);

export const allVms = (): Promise<Stored<ReplicatedVmDocument>[]> => query<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm'" });

export const vmsOfVault = (vaultId: string): Promise<Stored<ReplicatedVmDocument>[]> =>
  query<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm'", partition: { key: 'vaultId', value: vaultId } });

const addresses = new Map<string, string>();
/** A vault's key is made from its ARM id, so it never means another one. */
export async function vaultArmIdOf(vaultId: string): Promise<string> {
  const known = addresses.get(vaultId) ?? (await query<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm'", partition: { key: 'vaultId', value: vaultId }, most: 1 }))[0]?.vaultArmId;
  if (known === undefined) throw new Error(`The registry knows no VM in vault ${vaultId} any more.`);
  addresses.set(vaultId, known);
  return known;
}

/** A caller knows our ids and not their vaults, so this asks every partition. */
export const findVms = (ids: readonly string[]): Promise<Stored<ReplicatedVmDocument>[]> =>
  query<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm' AND ARRAY_CONTAINS(@ids, c.id)", parameters: { ids } });

/** Those that replication reads from one of these VMs, whichever vault they are in; ids in lower case. */
export const findBySource = (sourceVmIds: readonly string[]): Promise<Stored<ReplicatedVmDocument>[]> =>
  query<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm' AND ARRAY_CONTAINS(@ids, LOWER(c.sourceVmId))", parameters: { ids: sourceVmIds } });

/** One question for both: it is asked each minute, of each vault. */
export async function vmsAndLocksOf(vaultId: string): Promise<{ readonly vms: readonly Stored<ReplicatedVmDocument>[]; readonly held: ReadonlySet<string> }> {
  const both = await query<ReplicatedVmDocument | LockDocument>(REGISTRY, { where: "c.type = 'replicatedVm' OR c.type = 'lock'", partition: { key: 'vaultId', value: vaultId } });
  return { vms: both.filter((one) => one.type === 'replicatedVm'), held: new Set(both.flatMap((one) => (one.type === 'lock' ? [one.targetId] : []))) };
}

export const findLocks = (targetIds: readonly string[]): Promise<Stored<LockDocument>[]> =>
  query<LockDocument>(REGISTRY, { where: "c.type = 'lock' AND ARRAY_CONTAINS(@ids, c.id)", parameters: { ids: targetIds.map(lockIdOf) } });

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

/** A VM that is new, and only while the job still holds it. False when it is there already, or is not held any more. */
export async function addVmHeldBy(lock: Stored<LockDocument>, vm: ReplicatedVmDocument): Promise<boolean> {
  return (await batch(REGISTRY, vm.vaultId, [{ create: vm }, { replace: lock, etag: lock._etag }])) !== undefined;
}

/** False when the VM was changed in between. */
export const removeVm = async (vm: Stored<ReplicatedVmDocument>): Promise<boolean> =>
  (await batch(REGISTRY, vm.vaultId, [{ remove: vm.id, etag: vm._etag }])) !== undefined;

/** The same for a VM that leaves the registry. */
export async function removeVmHeldBy(lock: Stored<LockDocument>, vm: Stored<ReplicatedVmDocument>): Promise<boolean> {
  return (await batch(REGISTRY, vm.vaultId, [{ remove: vm.id, etag: vm._etag }, { replace: lock, etag: lock._etag }])) !== undefined;
}

export const readLock = (vaultId: string, targetId: string): Promise<Stored<LockDocument> | undefined> =>
  read<LockDocument>(REGISTRY, lockIdOf(targetId), vaultId);

export type Taking = { readonly taken: true } | { readonly taken: false; readonly holder: string };

export interface Held {
  readonly vaultId: string;
  readonly targetId: string;
}

const newLock = ({ vaultId, targetId }: Held, jobId: string, epoch: number, now: Date): LockDocument =>
  ({ id: lockIdOf(targetId), type: 'lock', schema: SCHEMA, vaultId, targetId, jobId, epoch, takenAt: now.toISOString() });

/** Many of one vault at once, as many as a batch takes. False when one of them is held already: then none was taken. */
export async function takeLocks(targets: readonly Held[], jobId: string, epoch: number, now: Date): Promise<boolean> {
  const [first] = targets;
  return !first || (await batch(REGISTRY, first.vaultId, targets.map((target) => ({ create: newLock(target, jobId, epoch, now) })))) !== undefined;
}

/** A job that holds the target already, at this or an older epoch of its own, keeps it. No lock expires: that is what makes two owners. */
export async function takeLock(vm: Held, jobId: string, epoch: number, now: Date): Promise<Taking> {
  if (await create(REGISTRY, newLock(vm, jobId, epoch, now))) return { taken: true };
  const held = await readLock(vm.vaultId, vm.targetId);
  if (!held) return takeLock(vm, jobId, epoch, now);
  if (held.jobId !== jobId || held.epoch > epoch) return { taken: false, holder: held.jobId };
  if (held.epoch === epoch) return { taken: true };
  const next: LockDocument = { ...held, epoch };
  const raised = await batch(REGISTRY, vm.vaultId, [{ replace: next, etag: held._etag }]);
  return raised ? { taken: true } : takeLock(vm, jobId, epoch, now);
}

/** All that a job holds, in whichever vault and since whichever epoch. */
export const locksOf = (jobId: string): Promise<Stored<LockDocument>[]> => query<LockDocument>(REGISTRY, { where: "c.type = 'lock' AND c.jobId = @jobId", parameters: { jobId } });

/** Gives back what this job holds at this epoch in a vault; what is not its own stays. */
export async function freeLocks(vaultId: string, jobId: string, epoch: number): Promise<void> {
  const mine = await query<LockDocument>(REGISTRY, {
    where: "c.type = 'lock' AND c.jobId = @jobId AND c.epoch = @epoch", parameters: { jobId, epoch }, partition: { key: 'vaultId', value: vaultId },
  });
  // Whoever changed one of them meanwhile has freed it, or took it over at a newer epoch: the others are freed one by one.
  for (const some of chunks(mine)) {
    const freed = await batch(REGISTRY, vaultId, some.map(({ id, _etag }) => ({ remove: id, etag: _etag })));
    if (!freed) for (const { id, _etag } of some) await batch(REGISTRY, vaultId, [{ remove: id, etag: _etag }]);
  }
}
