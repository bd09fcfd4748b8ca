// The registry: replicated VMs under Lifeboat's own ids, and who holds them.
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
import type { LockDocument, ReplicatedVmDocument, VaultDocument } from './documents.ts';

const REGISTRY = 'registry';
const lockIdOf = (targetId: string): string => `lock:${targetId}`;

export const addVm = (vm: ReplicatedVmDocument): Promise<boolean> => createDocument(REGISTRY, vm);

export const readVm = (vaultId: string, vmId: string): Promise<WithEtag<ReplicatedVmDocument> | undefined> =>
  readDocument<ReplicatedVmDocument>(REGISTRY, vmId, vaultId);

export const readAllVms = (): Promise<WithEtag<ReplicatedVmDocument>[]> =>
  queryDocuments<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm'" });

export const readVmsOfVault = (vaultId: string): Promise<WithEtag<ReplicatedVmDocument>[]> =>
  queryDocuments<ReplicatedVmDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm'",
    partition: { key: 'vaultId', value: vaultId },
  });

const vaultArmIds = new Map<string, string>();
/** A vault's key is made from its ARM id, so it never means another one. */
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

/** Its last VM may have left the registry. */
async function readVaultArmId(vaultId: string): Promise<string | undefined> {
  const where = "c.type = 'replicatedVm' OR c.type = 'vault'";
  const [document] = await queryDocuments<ReplicatedVmDocument | VaultDocument>(REGISTRY, {
    where,
    partition: { key: 'vaultId', value: vaultId },
    limit: 1,
  });
  return document?.type === 'vault' ? document.armId : document?.vaultArmId;
}

/** A caller knows our ids and not their vaults, so this asks every partition. */
export const findVms = (ids: readonly string[]): Promise<WithEtag<ReplicatedVmDocument>[]> =>
  queryDocuments<ReplicatedVmDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
  });

/** Those that replication reads from one of these VMs, whichever vault they are in; ids in lower case. */
export const findBySource = (sourceVmIds: readonly string[]): Promise<WithEtag<ReplicatedVmDocument>[]> =>
  queryDocuments<ReplicatedVmDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm' AND ARRAY_CONTAINS(@ids, LOWER(c.sourceVmId))",
    parameters: { ids: sourceVmIds },
  });

/** Those to which one of these machines belongs, on whichever side; ids in lower case. */
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

/** Those that are to have one of these addresses after a failover. */
export const findByAddress = (addresses: readonly string[]): Promise<WithEtag<ReplicatedVmDocument>[]> =>
  queryDocuments<ReplicatedVmDocument>(REGISTRY, {
    where:
      "c.type = 'replicatedVm' AND EXISTS(SELECT VALUE n FROM n IN c.settings.nics WHERE " +
      'ARRAY_CONTAINS(@addresses, n.address))',
    parameters: { addresses },
  });

/** ARM ids are long, and a question has a largest size. */
const MAX_IDS_PER_QUERY = 1000;

/** One question for both: it is asked each minute, of each vault. */
export async function readVmsAndLocks(vaultId: string): Promise<{
  readonly vms: readonly WithEtag<ReplicatedVmDocument>[];
  readonly lockedIds: ReadonlySet<string>;
}> {
  const documents = await queryDocuments<ReplicatedVmDocument | LockDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm' OR c.type = 'lock'",
    partition: { key: 'vaultId', value: vaultId },
  });
  return {
    vms: documents.filter((document) => document.type === 'replicatedVm'),
    lockedIds: new Set(
      documents.flatMap((document) => (document.type === 'lock' ? [document.targetId] : [])),
    ),
  };
}

export const findLocks = (targetIds: readonly string[]): Promise<WithEtag<LockDocument>[]> =>
  queryDocuments<LockDocument>(REGISTRY, {
    where: "c.type = 'lock' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids: targetIds.map(lockIdOf) },
  });

export const seenStateOf = (item: ReplicatedItem, now: Date): ReplicatedVmDocument['seen'] => ({
  protectionState: item.protectionState,
  activeLocation: item.activeLocation,
  allowedOperations: item.allowedOperations,
  health: item.health,
  at: now.toISOString(),
});

/** False when the VM was changed in between. */
export async function saveVm(
  vm: WithEtag<ReplicatedVmDocument>,
  change: Partial<ReplicatedVmDocument>,
): Promise<boolean> {
  return (
    (await writeBatch(REGISTRY, vm.vaultId, [{ replace: { ...vm, ...change }, etag: vm._etag }])) !==
    undefined
  );
}

/** The same, and only while the job still holds the VM: both are proven in one batch. */
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
 * A VM that is new, and only while the job still holds it. False when it is there already, or is
 * not held any more.
 */
export async function addLockedVm(lock: WithEtag<LockDocument>, vm: ReplicatedVmDocument): Promise<boolean> {
  return (
    (await writeBatch(REGISTRY, vm.vaultId, [{ create: vm }, { replace: lock, etag: lock._etag }])) !==
    undefined
  );
}

/** Who holds a VM for the length of one batch: to create its lock proves that no job has it. */
const NOBODY = 'nobody';

/** False when the VM was changed in between, or a job holds it. */
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

/** The same for a VM that leaves the registry. */
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

export const readLock = (vaultId: string, targetId: string): Promise<WithEtag<LockDocument> | undefined> =>
  readDocument<LockDocument>(REGISTRY, lockIdOf(targetId), vaultId);

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
 * Many of one vault at once, as many as a batch takes. False when one of them is held already: then
 * none was taken. No lock expires: that is what makes two owners.
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

/** All that a job holds, in whichever vault and since whichever epoch. */
export const readLocksOf = (jobId: string): Promise<WithEtag<LockDocument>[]> =>
  queryDocuments<LockDocument>(REGISTRY, {
    where: "c.type = 'lock' AND c.jobId = @jobId",
    parameters: { jobId },
  });

/** Raises locks of a job to its present epoch. False when somebody changed one of them meanwhile. */
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
 * Frees what a job holds at this epoch or an older one. A lock of a newer epoch belongs to a newer
 * walk, and stays.
 */
export async function releaseLocks(jobId: string, epoch: number): Promise<void> {
  const ownLocks = (await readLocksOf(jobId)).filter((lock) => lock.epoch <= epoch);
  for (const [vaultId, locks] of Map.groupBy(ownLocks, (lock) => lock.vaultId)) {
    for (const chunk of splitIntoBatches(locks)) {
      const freed = await writeBatch(
        REGISTRY,
        vaultId,
        chunk.map(({ id, _etag }) => ({ remove: id, etag: _etag })),
      );
      // Somebody has freed or raised one of them meanwhile: the others are freed one by one.
      if (!freed)
        for (const { id, _etag } of chunk) await writeBatch(REGISTRY, vaultId, [{ remove: id, etag: _etag }]);
    }
  }
}

/** The jobs that hold anything. */
export async function findLockOwners(): Promise<readonly string[]> {
  const locks = await queryFields<Pick<LockDocument, 'jobId'>>(REGISTRY, {
    fields: ['jobId'],
    where: "c.type = 'lock'",
  });
  return [...new Set(locks.map(({ jobId }) => jobId))];
}
