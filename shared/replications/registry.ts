// The registry: replicated VMs under Lifeboat's own ids, and who holds them.
import type { Item } from '../siterecovery/item.ts';
import { config } from '../core/config.ts';
import { vaultKeyOf } from '../core/ids.ts';
import { batch, chunks, create, pick, query, read, type Stored, type Write } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { LockDocument, ReplicatedVmDocument, VaultDocument } from './documents.ts';

const REGISTRY = 'registry';
const lockIdOf = (targetId: string): string => `lock:${targetId}`;

export const addVm = (vm: ReplicatedVmDocument): Promise<boolean> => create(REGISTRY, vm);

export const readVm = (vaultId: string, vmId: string): Promise<Stored<ReplicatedVmDocument> | undefined> =>
  read<ReplicatedVmDocument>(REGISTRY, vmId, vaultId);

export const allVms = (): Promise<Stored<ReplicatedVmDocument>[]> =>
  query<ReplicatedVmDocument>(REGISTRY, { where: "c.type = 'replicatedVm'" });

export const vmsOfVault = (vaultId: string): Promise<Stored<ReplicatedVmDocument>[]> =>
  query<ReplicatedVmDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm'",
    partition: { key: 'vaultId', value: vaultId },
  });

const addresses = new Map<string, string>();
/** A vault's key is made from its ARM id, so it never means another one. */
export async function vaultArmIdOf(vaultId: string): Promise<string> {
  const known =
    addresses.get(vaultId) ??
    config().LIFEBOAT_VAULTS.find((armId) => vaultKeyOf(armId) === vaultId) ??
    (await vaultArmIdKept(vaultId));
  if (known === undefined)
    throw new Error(`Neither the settings nor the registry know the vault ${vaultId}.`);
  addresses.set(vaultId, known);
  return known;
}

/** Its last VM may have left the registry. */
async function vaultArmIdKept(vaultId: string): Promise<string | undefined> {
  const where = "c.type = 'replicatedVm' OR c.type = 'vault'";
  const [one] = await query<ReplicatedVmDocument | VaultDocument>(REGISTRY, {
    where,
    partition: { key: 'vaultId', value: vaultId },
    most: 1,
  });
  return one?.type === 'vault' ? one.armId : one?.vaultArmId;
}

/** A caller knows our ids and not their vaults, so this asks every partition. */
export const findVms = (ids: readonly string[]): Promise<Stored<ReplicatedVmDocument>[]> =>
  query<ReplicatedVmDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids },
  });

/** Those that replication reads from one of these VMs, whichever vault they are in; ids in lower case. */
export const findBySource = (sourceVmIds: readonly string[]): Promise<Stored<ReplicatedVmDocument>[]> =>
  query<ReplicatedVmDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm' AND ARRAY_CONTAINS(@ids, LOWER(c.sourceVmId))",
    parameters: { ids: sourceVmIds },
  });

/** Those to which one of these machines belongs, on whichever side; ids in lower case. */
export async function findByMachine(
  ids: readonly string[],
): Promise<readonly Stored<ReplicatedVmDocument>[]> {
  const any = ['source', 'other', 'expected', 'test']
    .map((which) => `ARRAY_CONTAINS(@ids, c.machines.${which})`)
    .join(' OR ');
  const found: Stored<ReplicatedVmDocument>[] = [];
  for (let at = 0; at < ids.length; at += MOST_ASKED) {
    found.push(
      ...(await query<ReplicatedVmDocument>(REGISTRY, {
        where: `c.type = 'replicatedVm' AND (${any})`,
        parameters: { ids: ids.slice(at, at + MOST_ASKED) },
      })),
    );
  }
  return [...new Map(found.map((vm) => [vm.id, vm])).values()];
}

/** Those that are to have one of these addresses after a failover. */
export const findByAddress = (addresses: readonly string[]): Promise<Stored<ReplicatedVmDocument>[]> =>
  query<ReplicatedVmDocument>(REGISTRY, {
    where:
      "c.type = 'replicatedVm' AND EXISTS(SELECT VALUE n FROM n IN c.settings.nics WHERE " +
      'ARRAY_CONTAINS(@addresses, n.address))',
    parameters: { addresses },
  });

/** ARM ids are long, and a question has a largest size. */
const MOST_ASKED = 1000;

/** One question for both: it is asked each minute, of each vault. */
export async function vmsAndLocksOf(
  vaultId: string,
): Promise<{ readonly vms: readonly Stored<ReplicatedVmDocument>[]; readonly held: ReadonlySet<string> }> {
  const both = await query<ReplicatedVmDocument | LockDocument>(REGISTRY, {
    where: "c.type = 'replicatedVm' OR c.type = 'lock'",
    partition: { key: 'vaultId', value: vaultId },
  });
  return {
    vms: both.filter((one) => one.type === 'replicatedVm'),
    held: new Set(both.flatMap((one) => (one.type === 'lock' ? [one.targetId] : []))),
  };
}

export const findLocks = (targetIds: readonly string[]): Promise<Stored<LockDocument>[]> =>
  query<LockDocument>(REGISTRY, {
    where: "c.type = 'lock' AND ARRAY_CONTAINS(@ids, c.id)",
    parameters: { ids: targetIds.map(lockIdOf) },
  });

export const seenNow = (item: Item, now: Date): ReplicatedVmDocument['seen'] => ({
  protectionState: item.protectionState,
  activeLocation: item.activeLocation,
  allowedOperations: item.allowedOperations,
  health: item.health,
  at: now.toISOString(),
});

/** False when the VM was changed in between. */
export async function saveVm(
  vm: Stored<ReplicatedVmDocument>,
  change: Partial<ReplicatedVmDocument>,
): Promise<boolean> {
  return (
    (await batch(REGISTRY, vm.vaultId, [{ replace: { ...vm, ...change }, etag: vm._etag }])) !== undefined
  );
}

/** The same, and only while the job still holds the VM: both are proven in one batch. */
export async function saveVmHeldBy(
  lock: Stored<LockDocument>,
  vm: Stored<ReplicatedVmDocument>,
  change: Partial<ReplicatedVmDocument>,
): Promise<boolean> {
  const writes = [
    { replace: { ...vm, ...change }, etag: vm._etag },
    { replace: lock, etag: lock._etag },
  ];
  return (await batch(REGISTRY, vm.vaultId, writes)) !== undefined;
}

/**
 * A VM that is new, and only while the job still holds it. False when it is there already, or is
 * not held any more.
 */
export async function addVmHeldBy(lock: Stored<LockDocument>, vm: ReplicatedVmDocument): Promise<boolean> {
  return (
    (await batch(REGISTRY, vm.vaultId, [{ create: vm }, { replace: lock, etag: lock._etag }])) !== undefined
  );
}

/** Who holds a VM for the length of one batch: to create its lock proves that no job has it. */
const NOBODY = 'nobody';

/** False when the VM was changed in between, or a job holds it. */
export async function removeVm(vm: Stored<ReplicatedVmDocument>, now: Date): Promise<boolean> {
  const free = newLock({ vaultId: vm.vaultId, targetId: vm.id }, NOBODY, 0, now);
  return (
    (await batch(REGISTRY, vm.vaultId, [
      { create: free },
      { remove: vm.id, etag: vm._etag },
      { remove: free.id },
    ])) !== undefined
  );
}

/** The same for a VM that leaves the registry. */
export async function removeVmHeldBy(
  lock: Stored<LockDocument>,
  vm: Stored<ReplicatedVmDocument>,
): Promise<boolean> {
  return (
    (await batch(REGISTRY, vm.vaultId, [
      { remove: vm.id, etag: vm._etag },
      { replace: lock, etag: lock._etag },
    ])) !== undefined
  );
}

export const readLock = (vaultId: string, targetId: string): Promise<Stored<LockDocument> | undefined> =>
  read<LockDocument>(REGISTRY, lockIdOf(targetId), vaultId);

export interface Held {
  readonly vaultId: string;
  readonly targetId: string;
}

const newLock = ({ vaultId, targetId }: Held, jobId: string, epoch: number, now: Date): LockDocument => ({
  id: lockIdOf(targetId),
  type: 'lock',
  schema: SCHEMA,
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
export async function takeLocks(
  targets: readonly Held[],
  jobId: string,
  epoch: number,
  now: Date,
): Promise<boolean> {
  const [first] = targets;
  return (
    !first ||
    (await batch(
      REGISTRY,
      first.vaultId,
      targets.map((target) => ({ create: newLock(target, jobId, epoch, now) })),
    )) !== undefined
  );
}

/** All that a job holds, in whichever vault and since whichever epoch. */
export const locksOf = (jobId: string): Promise<Stored<LockDocument>[]> =>
  query<LockDocument>(REGISTRY, { where: "c.type = 'lock' AND c.jobId = @jobId", parameters: { jobId } });

/** Raises locks of a job to its present epoch. False when somebody changed one of them meanwhile. */
export async function raiseLocks(locks: readonly Stored<LockDocument>[], epoch: number): Promise<boolean> {
  const raised = locks.map((lock): Write & { readonly replace: LockDocument } => ({
    replace: { ...lock, epoch },
    etag: lock._etag,
  }));
  const byVault = [...Map.groupBy(raised, ({ replace }) => replace.vaultId)].flatMap(([vaultId, some]) =>
    chunks(some).map((chunk) => [vaultId, chunk] as const),
  );
  const done = await Promise.all(byVault.map(([vaultId, chunk]) => batch(REGISTRY, vaultId, chunk)));
  return done.every((etags) => etags !== undefined);
}

/**
 * Frees what a job holds at this epoch or an older one. A lock of a newer epoch belongs to a newer
 * walk, and stays.
 */
export async function freeLocks(jobId: string, epoch: number): Promise<void> {
  const mine = (await locksOf(jobId)).filter((lock) => lock.epoch <= epoch);
  for (const [vaultId, locks] of Map.groupBy(mine, (lock) => lock.vaultId)) {
    for (const some of chunks(locks)) {
      const freed = await batch(
        REGISTRY,
        vaultId,
        some.map(({ id, _etag }) => ({ remove: id, etag: _etag })),
      );
      // Somebody has freed or raised one of them meanwhile: the others are freed one by one.
      if (!freed)
        for (const { id, _etag } of some) await batch(REGISTRY, vaultId, [{ remove: id, etag: _etag }]);
    }
  }
}

/** The jobs that hold anything. */
export async function holders(): Promise<readonly string[]> {
  const locks = await pick<Pick<LockDocument, 'jobId'>>(REGISTRY, {
    fields: ['jobId'],
    where: "c.type = 'lock'",
  });
  return [...new Set(locks.map(({ jobId }) => jobId))];
}
