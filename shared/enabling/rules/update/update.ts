// Changing where a replicated VM goes, while it replicates: what may be changed, and what would
// need replication to be disabled first.
import { sameId } from '../../../siterecovery/item.ts';
import type { Facts } from '../../../azure/facts.ts';
import { lookup } from '../lookup.ts';
import { refuse } from '../notes.ts';
import type { Refusal } from '../../../core/refusal.ts';
import { judgeNetworks } from './updateNetwork.ts';
import { judgePlacing } from './updatePlacing.ts';
import { judgeSize } from './updateSize.ts';
import { type Case, type Changes, type Present, UpdateWish } from './updateCase.ts';

export interface UpdateVerdict {
  readonly verdict: 'update' | 'alreadySo' | 'refused';
  readonly refusals: readonly Refusal[];
  readonly changes: Changes;
}

export function judgeUpdate(facts: Facts, present: Present, wish: UpdateWish): UpdateVerdict {
  const one: Case = { look: lookup(facts), present, wish, refusals: [], changes: {} };
  if (present.classic) judgeClassic(one);
  else {
    judgePlacing(one);
    judgeNetworks(one);
  }
  judgeSize(one);
  judgeDisks(one);
  const { refusals, changes } = one;
  if (refusals.length > 0) return { verdict: 'refused', refusals, changes: {} };
  return { verdict: Object.keys(changes).length > 0 ? 'update' : 'alreadySo', refusals, changes };
}

function judgeClassic(one: Case): void {
  const misfit = (
    [
      'resourceGroup',
      'networkId',
      'testNetworkId',
      'nics',
      'availability',
      'availabilitySetId',
      'zone',
      'placementGroupId',
    ] as const
  ).find((what) => one.wish[what] !== undefined);
  if (misfit)
    refuse(
      one,
      'ClassicMisfit',
      `"${misfit}" of ${one.present.name} cannot be changed: it is a VM of the classic model, ` +
        'of which only the size can be. Leave it out, or disable replication and enable it again.',
    );
}

function judgeDisks(one: Case): void {
  const { present, wish } = one;
  const changed = (wish.diskTypes ?? []).flatMap((wished) => {
    const disk = present.disks.find(({ id, name }) => sameId(id, wished.disk) || sameId(name, wished.disk));
    if (!disk)
      refuse(
        one,
        'DiskUnknown',
        `No disk "${wished.disk}" of ${present.name} is replicated. Those that are: ${present.disks
          .map(({ name }) => name)
          .sort()
          .join(', ')}.`,
      );
    else if (!disk.managed)
      refuse(
        one,
        'DiskSettingMisfit',
        `The disk ${disk.name} is not managed and has no type of its own: its storage account ` +
          'decides. Leave it out.',
      );
    if (!disk?.managed) return [];
    const { replicaType, targetType } = wished;
    const zoned = [replicaType, targetType].find((type) => type?.endsWith('_ZRS'));
    if (zoned && (one.look.regionNamed.get(present.target.region)?.zones ?? []).length === 0)
      refuse(
        one,
        'DiskTypeNotThere',
        `The region ${present.target.region} has no zones, so there are no disks of the type ` +
          `${zoned}. Name Standard_LRS, StandardSSD_LRS or Premium_LRS.`,
      );
    const change = {
      id: disk.id,
      ...(replicaType !== undefined && replicaType !== disk.replicaType && { replicaType }),
      ...(targetType !== undefined && targetType !== disk.targetType && { targetType }),
    };
    return Object.keys(change).length > 1 ? [change] : [];
  });
  if (changed.length > 0) one.changes.disks = changed;
}
