// Every disk of a VM has its own entry: what its replica and its recovered disk are, where they
// lie, through which cache it passes.
import { cacheFor, diskAccount } from '../prerequisites/accounts.ts';
import type { SourceDisk, SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { targetGroup } from '../prerequisites/resourceGroups.ts';
import { sorted } from '../lookup.ts';
import { choose, listed, refuse, type Notes, type Planned } from '../notes.ts';
import type { DiskSettings } from '../../../siterecovery/vmSettings.ts';
import type { VmWish } from '../request/request.ts';
import { isDisk, isLeftOut, wishForDisk, type DiskWish, type VmWishes } from '../request/requestOfVm.ts';

/** The OS disk first, then by name. */
export const disksOf = (vm: SourceVm): readonly SourceDisk[] =>
  sorted(vm.disks, ({ name, id }) => `${name} ${id}`).sort((a, b) => Number(b.isOs) - Number(a.isOs));

export function judgeDiskWishes(vm: SourceVm, wish: VmWish, notes: Notes): void {
  const names = listed(disksOf(vm).map(({ name }) => name));
  for (const one of wish.disks) {
    const disk = vm.disks.find((other) => isDisk(other, one.disk));
    if (!disk) {
      refuse(notes, 'DiskUnknown', `The VM has no disk "${one.disk}". Its disks are: ${names}.`);
      continue;
    }
    if (wish.disks.some((other) => other !== one && isDisk(disk, other.disk)))
      refuse(notes, 'DiskNamedTwice', `The disk ${disk.name} is named twice. Say everything of it once.`);
    if (one.exclude && disk.isOs)
      refuse(
        notes,
        'OsDiskLeftOut',
        `The disk ${disk.name} holds the operating system and cannot be left out. Data disks can: ${listed(
          disksOf(vm)
            .filter(({ isOs }) => !isOs)
            .map(({ name }) => name),
        )}.`,
      );
    const misfit = misfitOf(disk, one);
    if (misfit)
      refuse(
        notes,
        'DiskSettingMisfit',
        `"${misfit}" cannot be said of the disk ${disk.name}, which is ` +
          `${disk.managed ? 'managed' : 'not managed'}. Of it can be said: ` +
          `${sayable(disk.managed).join(', ')}, cacheStorageAccountId.`,
      );
  }
}

const OF_MANAGED = ['replicaType', 'targetType', 'resourceGroup'] as const;
const OF_UNMANAGED = ['storageAccountId'] as const;
const sayable = (managed: boolean): readonly (keyof DiskWish)[] => (managed ? OF_MANAGED : OF_UNMANAGED);
const misfitOf = (disk: SourceDisk, wish: DiskWish) =>
  sayable(!disk.managed).find((what) => wish[what] !== undefined);

export function chooseDisks(
  ground: Ground,
  vm: SourceVm,
  wish: VmWish,
  wishes: VmWishes,
  group: Planned,
  notes: Notes,
): readonly DiskSettings[] {
  return disksOf(vm).flatMap((disk) => {
    if (isLeftOut(wish, disk)) {
      choose(
        notes,
        `disk ${disk.name}`,
        'left out',
        'It was asked for; after a failover the VM comes up without it.',
      );
      return [];
    }
    const own = wishForDisk(wish, disk);
    const cache = cacheFor(
      ground,
      own?.cacheStorageAccountId ?? wishes.cacheStorageAccountId,
      `cacheStorageAccount of ${disk.name}`,
      notes,
    );
    if (!cache) return [];
    return (
      (disk.managed
        ? managed(ground, disk, own, wishes, group, cache, notes)
        : unmanaged(ground, disk, own, wishes, cache, notes)) ?? []
    );
  });
}

function managed(
  ground: Ground,
  disk: SourceDisk,
  own: DiskWish | undefined,
  wishes: VmWishes,
  group: Planned,
  cache: Planned,
  notes: Notes,
): DiskSettings | undefined {
  const replicaType = typeFor(ground, disk, own?.replicaType ?? wishes.replicaDiskType, 'replicaType', notes);
  const targetType = typeFor(ground, disk, own?.targetType ?? wishes.targetDiskType, 'targetType', notes);
  const place =
    own?.resourceGroup === undefined ? { part: group } : targetGroup(ground, own.resourceGroup, '', notes);
  if (replicaType === false || targetType === false || !place) return undefined;
  return {
    managed: true,
    id: disk.id,
    cacheStorageAccountId: cache.id,
    resourceGroupId: place.part.id,
    replicaType,
    targetType,
  };
}

function unmanaged(
  ground: Ground,
  disk: SourceDisk,
  own: DiskWish | undefined,
  wishes: VmWishes,
  cache: Planned,
  notes: Notes,
): DiskSettings | undefined {
  const account = diskAccount(ground, disk, own?.storageAccountId ?? wishes.diskStorageAccountId, notes);
  if (!account) return undefined;
  choose(notes, `storageAccount of ${disk.name}`, account.name, account.reason);
  return { managed: false, id: disk.id, cacheStorageAccountId: cache.id, storageAccountId: account.id };
}

/** The source's type by default. Zone-redundant disks exist only where there are zones. */
function typeFor(
  ground: Ground,
  disk: SourceDisk,
  wished: string | undefined,
  what: string,
  notes: Notes,
): string | false {
  const own = disk.accountType ?? 'Standard_LRS';
  const type = wished ?? own;
  if (!type.endsWith('_ZRS') || ground.targetRegion.zones.length > 0) {
    choose(
      notes,
      `${what} of ${disk.name}`,
      type,
      wished === undefined ? 'It is the type of the source disk.' : 'It was asked for.',
    );
    return type;
  }
  const local = type.replace(/_ZRS$/, '_LRS');
  if (wished !== undefined)
    return refuse(
      notes,
      'DiskTypeNotThere',
      `The region ${ground.targetRegion.name} has no zones, so there are no disks of the type ` +
        `${type}. Name ${local}, Standard_LRS, StandardSSD_LRS or Premium_LRS.`,
    );
  choose(
    notes,
    `${what} of ${disk.name}`,
    local,
    `The source disk is ${own}, but ${ground.targetRegion.name} has no zones; this is the ` +
      'same, locally redundant.',
  );
  return local;
}
