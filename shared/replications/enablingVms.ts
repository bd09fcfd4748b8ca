// Stores the VMs on their way to protection. Such a VM has no Lifeboat id yet, so callers use the id
// of its enabling step. The vault refresh writes them; the list of replications reads them.
import type { ReplicatedItem } from '../siterecovery/item.ts';
import { sourceIdOf } from '../core/ids.ts';
import {
  queryDocuments,
  splitIntoBatches,
  writeBatch,
  type BatchWrite,
  type WithEtag,
} from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import { isItemOf, sitesOf } from './items.ts';
import type { EnablingVmDocument, ReplicatedVmDocument } from './documents.ts';
import { seenStateOf } from './registry.ts';

const REGISTRY = 'registry';
const ID_PREFIX = 'enabling:';

/** The id that stands for the VM until its protection. */
export const idOfEnablingVm = ({ id }: Pick<EnablingVmDocument, 'id'>): string => id.slice(ID_PREFIX.length);

/** The VMs on their way, in all vaults, as the last refreshes showed them. */
export const readEnablingVms = (): Promise<EnablingVmDocument[]> =>
  queryDocuments<EnablingVmDocument>(REGISTRY, { where: "c.type = 'enablingVm'" });

/** Queries every partition, because a caller knows the id and not the vault. */
export const readEnablingVm = async (id: string): Promise<EnablingVmDocument | undefined> =>
  (
    await queryDocuments<EnablingVmDocument>(REGISTRY, {
      where: "c.type = 'enablingVm' AND c.id = @id",
      parameters: { id: `${ID_PREFIX}${id}` },
    })
  )[0];

/**
 * Stores the items of a vault that are not protected yet, and removes those that have arrived or
 * gone. An item that a reprotect moved belongs to a known VM, and is not one of them.
 */
export async function saveEnablingVms(
  vault: Pick<EnablingVmDocument, 'vaultId' | 'vaultArmId'>,
  items: readonly ReplicatedItem[],
  vms: readonly ReplicatedVmDocument[],
  before: readonly WithEtag<EnablingVmDocument>[],
  now: Date,
): Promise<void> {
  const stored = new Map(before.map((vm) => [vm.id, vm]));
  const shown = items
    .filter((item) => !vms.some((vm) => isItemOf(item, vm)))
    .map((item) => enablingVmOf(vault, item, now));
  const shownIds = new Set(shown.map(({ id }) => id));
  const writes: BatchWrite[] = [
    ...shown.filter((vm) => isNewOrChanged(stored.get(vm.id), vm)).map((vm) => ({ put: vm })),
    ...before.filter(({ id }) => !shownIds.has(id)).map(({ id, _etag }) => ({ remove: id, etag: _etag })),
  ];
  for (const chunk of splitIntoBatches(writes)) await writeBatch(REGISTRY, vault.vaultId, chunk);
}

const enablingVmOf = (
  { vaultId, vaultArmId }: Pick<EnablingVmDocument, 'vaultId' | 'vaultArmId'>,
  item: ReplicatedItem,
  now: Date,
): EnablingVmDocument => ({
  id: `${ID_PREFIX}${sourceIdOf(vaultId, item.sourceVmId || item.armId)}`,
  type: 'enablingVm',
  schema: SCHEMA_VERSION,
  vaultId,
  vaultArmId,
  scenario: item.scenario,
  name: item.friendlyName,
  armId: item.armId,
  direction: item.direction,
  sites: sitesOf(item),
  seen: seenStateOf(item, now),
  percent: item.initialReplicationPercent,
});

/** Each read has a new time, which alone is no change. */
function isNewOrChanged(before: EnablingVmDocument | undefined, vm: EnablingVmDocument): boolean {
  const factsOf = ({ armId, direction, sites, seen, percent, name }: EnablingVmDocument) =>
    JSON.stringify([name, armId, direction, sites, { ...seen, at: '' }, percent]);
  return before === undefined || factsOf(before) !== factsOf(vm);
}

/** Removes the VMs of an unregistered vault. */
export async function removeEnablingVms(vaultId: string): Promise<void> {
  const vms = await queryDocuments<EnablingVmDocument>(REGISTRY, {
    where: "c.type = 'enablingVm'",
    partition: { key: 'vaultId', value: vaultId },
  });
  for (const chunk of splitIntoBatches(vms))
    await writeBatch(
      REGISTRY,
      vaultId,
      chunk.map(({ id, _etag }) => ({ remove: id, etag: _etag })),
    );
}
