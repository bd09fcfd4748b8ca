// The registry store: replicated VMs under their Lifeboat ids, and the locks of jobs on them. All
// writes of locked VMs prove the lock in the same batch.
import type { ReplicatedItem } from '../siterecovery/item.ts';
import { config } from '../core/config.ts';
import { vaultKeyOf } from '../core/ids.ts';
import {
  writeBatch,
  splitIntoBatches,
  createDocument,
  queryFields,
  queryDocuments,
  readDocument,
  type WithEtag,
  type BatchWrite,
} from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { EnablingVmDocument, LockDocument, ReplicatedVmDocument, VaultDocument } from './documents.ts';

const REGISTRY = 'registry';
const lockIdOf = (targetId: string): string => `lock:${targetId}`;

/** Adds a VM. False when it is already in the registry. */
export const addVm = (vm: ReplicatedVmDocument): Promise<boolean> => createDocument(REGISTRY, vm);

/** Reads one VM; gives undefined when there is none. */
export const readVm = (vaultId: string, vmId: string): Promise<WithEtag<ReplicatedVmDocument> | undefined> =>
  readDocument<ReplicatedVmDocument>(REGISTRY, vmId, vaultId);

/** Reads the replicated VMs of all vaults. */
export const readAllVms = (): Promise<WithEtag<ReplicatedVmDocument>[]> =>
  queryDocuments<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm'" });

/** Reads the replicated VMs of one vault. */
export const readVmsOfVault = (vaultId: string): Promise<WithEtag<ReplicatedVmDocument>[]> =>
  queryDocuments<ReplicatedVmDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm'",
    partition: { key: 'vaultId', value: vaultId },
  });

const vaultArmIds = new Map<string, string>();
/** Finds the ARM id of a vault. The cache is safe, because the key follows from the ARM id. */
export async function findVaultArmId(vaultId: string): Promise<string> {
  const vaultArmId =
    vaultArmIds.get(vaultId) ??
    config().LIFEBOAT_VAULTS.find((armId) => vaultKeyOf(armId) === vaultId) ??
    (await readVaultArmId(vaultId));
  if (vaultArmId === undefined)
    throw new Error(`Neither the settings nor the registry know the vault ${vaultId}.`);
  vaultArmIds.set(vaultId, vaultArmId);
  return vaultArmId;
}

/** Also reads the vault document, because the last VM of the vault may have left the registry. */
async function readVaultArmId(vaultId: string): Promise<string | undefined> {
  const where = "c.type = 'replicatedVm' OR c.type = 'vault'";
  const [document] = await queryDocuments<ReplicatedVmDocument | VaultDocument>(REGISTRY, {
    where,
    partition: { key: 'vaultId', value: vaultId },
    limit: 1,
  });
  return document?.type === 'vault' ? document.armId : document?.vaultArmId;
}

/** Queries every partition, because a caller knows only the Lifeboat ids and not the vaults. */
export const findVms = (ids: readonly string[]): Promise<WithEtag<ReplicatedVmDocument>[]> =>
  queryDocuments<ReplicatedVmDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
  });

/** The VMs that replicate from these source VMs, in all vaults; ids in lower case. */
export const findBySource = (sourceVmIds: readonly string[]): Promise<WithEtag<ReplicatedVmDocument>[]> =>
  queryDocuments<ReplicatedVmDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm' AND ARRAY_CONTAINS(@ids, LOWER(c.sourceVmId))",
    parameters: { ids: sourceVmIds },
  });

/** The VMs of these machines, on either side; ids in lower case. */
export async function findByMachine(
  ids: readonly string[],
): Promise<readonly WithEtag<ReplicatedVmDocument>[]> {
  const condition = ['source', 'other', 'expected', 'test']
    .map((which) => `ARRAY_CONTAINS(@ids, c.machines.${which})`)
    .join(' OR ');
  const found: WithEtag<ReplicatedVmDocument>[] = [];
  for (let offset = 0; offset < ids.length; offset += MAX_IDS_PER_QUERY) {
    found.push(
      ...(await queryDocuments<ReplicatedVmDocument>(REGISTRY, {
        where: `c.type = 'replicatedVm' AND (${condition})`,
        parameters: { ids: ids.slice(offset, offset + MAX_IDS_PER_QUERY) },
      })),
    );
  }
  return [...new Map(found.map((vm) => [vm.id, vm])).values()];
}

/** The VMs that get one of these addresses after a failover. */
export const findByAddress = (addresses: readonly string[]): Promise<WithEtag<ReplicatedVmDocument>[]> =>
  queryDocuments<ReplicatedVmDocument>(REGISTRY, {
    where:
      "c.type = 'replicatedVm' AND EXISTS(SELECT VALUE n FROM n IN c.settings.nics WHERE " +
      'ARRAY_CONTAINS(@addresses, n.address))',
    parameters: { addresses },
  });

/** ARM ids are long, and a query has a size limit. */
const MAX_IDS_PER_QUERY = 1000;

/** Reads all in one query, because the timer runs it each minute for each vault. */
export async function readVmsAndLocks(vaultId: string): Promise<{
  readonly vms: readonly WithEtag<ReplicatedVmDocument>[];
  readonly enablingVms: readonly WithEtag<EnablingVmDocument>[];
  readonly lockedIds: ReadonlySet<string>;
}> {
  const documents = await queryDocuments<ReplicatedVmDocument | EnablingVmDocument | LockDocument>(REGISTRY, {
    where: "c.type IN ('replicatedVm', 'enablingVm', 'lock')",
    partition: { key: 'vaultId', value: vaultId },
  });
  return {
    vms: documents.filter((document) => document.type === 'replicatedVm'),
    enablingVms: documents.filter((document) => document.type === 'enablingVm'),
    lockedIds: new Set(
      documents.flatMap((document) => (document.type === 'lock' ? [document.targetId] : [])),
    ),
  };
}

/** Reads the locks of these VMs. */
export const findLocks = (targetIds: readonly string[]): Promise<WithEtag<LockDocument>[]> =>
  queryDocuments<LockDocument>(REGISTRY, {
    where: "c.type = 'lock' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids: targetIds.map(lockIdOf) },
  });

/** The state fields of an item at this time. */
export const seenStateOf = (item: ReplicatedItem, now: Date): ReplicatedVmDocument['seen'] => ({
  protectionState: item.protectionState,
  activeLocation: item.activeLocation,
  allowedOperations: item.allowedOperations,
  health: item.health,
  at: now.toISOString(),
});

/** False when another process changed the VM meanwhile. */
export async function saveVm(
  vm: WithEtag<ReplicatedVmDocument>,
  change: Partial<ReplicatedVmDocument>,
): Promise<boolean> {
  return (
    (await writeBatch(REGISTRY, vm.vaultId, [{ replace: { ...vm, ...change }, etag: vm._etag }])) !==
    undefined
  );
}

/** Saves a VM only while the job holds its lock. One batch proves both ETags. */
export async function saveLockedVm(
  lock: WithEtag<LockDocument>,
  vm: WithEtag<ReplicatedVmDocument>,
  change: Partial<ReplicatedVmDocument>,
): Promise<boolean> {
  const writes = [
    { replace: { ...vm, ...change }, etag: vm._etag },
    { replace: lock, etag: lock._etag },
  ];
  return (await writeBatch(REGISTRY, vm.vaultId, writes)) !== undefined;
}

/**
 * Adds a new VM only while the job holds its lock. False when the VM exists already, or the job
 * lost the lock.
 */
export async function addLockedVm(lock: WithEtag<LockDocument>, vm: ReplicatedVmDocument): Promise<boolean> {
  return (
    (await writeBatch(REGISTRY, vm.vaultId, [{ create: vm }, { replace: lock, etag: lock._etag }])) !==
    undefined
  );
}

/**
 * The owner of a lock for the length of one batch. Creating the lock proves that no job has one.
 */
const NOBODY = 'nobody';

/** False when another process changed the VM, or a job has a lock. */
export async function removeVm(vm: WithEtag<ReplicatedVmDocument>, now: Date): Promise<boolean> {
  const temporaryLock = newLock({ vaultId: vm.vaultId, targetId: vm.id }, NOBODY, 0, now);
  return (
    (await writeBatch(REGISTRY, vm.vaultId, [
      { create: temporaryLock },
      { remove: vm.id, etag: vm._etag },
      { remove: temporaryLock.id },
    ])) !== undefined
  );
}

/** Removes a VM only while the job holds its lock. */
export async function removeLockedVm(
  lock: WithEtag<LockDocument>,
  vm: WithEtag<ReplicatedVmDocument>,
): Promise<boolean> {
  return (
    (await writeBatch(REGISTRY, vm.vaultId, [
      { remove: vm.id, etag: vm._etag },
      { replace: lock, etag: lock._etag },
    ])) !== undefined
  );
}

/** Reads the lock of one VM. */
export const readLock = (vaultId: string, targetId: string): Promise<WithEtag<LockDocument> | undefined> =>
  readDocument<LockDocument>(REGISTRY, lockIdOf(targetId), vaultId);

/** The address of a lock. */
export interface LockTarget {
  readonly vaultId: string;
  readonly targetId: string;
}

const newLock = (
  { vaultId, targetId }: LockTarget,
  jobId: string,
  epoch: number,
  now: Date,
): LockDocument => ({
  id: lockIdOf(targetId),
  type: 'lock',
  schema: SCHEMA_VERSION,
  vaultId,
  targetId,
  jobId,
  epoch,
  takenAt: now.toISOString(),
});

/**
 * Creates locks of one vault, at most one batch. False when one VM already has a lock: then no lock
 * was created. Locks never expire, because an expired lock would allow two owners.
 */
export async function createLocks(
  targets: readonly LockTarget[],
  jobId: string,
  epoch: number,
  now: Date,
): Promise<boolean> {
  const [first] = targets;
  return (
    !first ||
    (await writeBatch(
      REGISTRY,
      first.vaultId,
      targets.map((target) => ({ create: newLock(target, jobId, epoch, now) })),
    )) !== undefined
  );
}

/** All locks of a job, in all vaults and of all epochs. */
export const readLocksOf = (jobId: string): Promise<WithEtag<LockDocument>[]> =>
  queryDocuments<LockDocument>(REGISTRY, {
    where: "c.type = 'lock' AND c.jobId = @jobId",
    parameters: { jobId },
  });

/**
 * Raises locks of a job to its present epoch. False when another process changed a lock meanwhile.
 */
export async function raiseLockEpochs(
  locks: readonly WithEtag<LockDocument>[],
  epoch: number,
): Promise<boolean> {
  const raised = locks.map((lock): BatchWrite & { readonly replace: LockDocument } => ({
    replace: { ...lock, epoch },
    etag: lock._etag,
  }));
  const byVault = [...Map.groupBy(raised, ({ replace }) => replace.vaultId)].flatMap(([vaultId, writes]) =>
    splitIntoBatches(writes).map((chunk) => [vaultId, chunk] as const),
  );
  const done = await Promise.all(byVault.map(([vaultId, chunk]) => writeBatch(REGISTRY, vaultId, chunk)));
  return done.every((etags) => etags !== undefined);
}

/**
 * Frees the locks of a job at this epoch or an older one. A lock of a newer epoch belongs to a
 * newer orchestration, and stays.
 */
export const releaseLocks = async (jobId: string, epoch: number): Promise<void> =>
  removeLocks((await readLocksOf(jobId)).filter((lock) => lock.epoch <= epoch));

/** Frees the locks of a job on these VMs. Returns the number of locks that it found. */
export async function releaseLocksOn(jobId: string, targetIds: readonly string[]): Promise<number> {
  const locks = (await findLocks(targetIds)).filter((lock) => lock.jobId === jobId);
  await removeLocks(locks);
  return locks.length;
}

async function removeLocks(ownLocks: readonly WithEtag<LockDocument>[]): Promise<void> {
  for (const [vaultId, locks] of Map.groupBy(ownLocks, (lock) => lock.vaultId)) {
    for (const chunk of splitIntoBatches(locks)) {
      const freed = await writeBatch(
        REGISTRY,
        vaultId,
        chunk.map(({ id, _etag }) => ({ remove: id, etag: _etag })),
      );
      // Another process freed or raised a lock meanwhile. So this frees the locks one by one.
      if (!freed)
        for (const { id, _etag } of chunk) await writeBatch(REGISTRY, vaultId, [{ remove: id, etag: _etag }]);
    }
  }
}

/** The jobs with at least one lock. */
export async function findLockOwners(): Promise<readonly string[]> {
  const locks = await queryFields<Pick<LockDocument, 'jobId'>>(REGISTRY, {
    fields: ['jobId'],
    where: "c.type = 'lock'",
  });
  return [...new Set(locks.map(({ jobId }) => jobId))];
}
