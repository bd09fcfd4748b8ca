// Chooses the settings of every disk of a VM: the types, the target location and the cache. Pure.
import { chooseCache, chooseDiskAccount } from '../prerequisites/storageAccounts.ts';
import type { SourceDisk, SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { targetResourceGroup } from '../prerequisites/resourceGroups.ts';
import { sortBy } from '../../../enabling/lookup.ts';
import {
  recordChoice,
  formatList,
  refuse,
  type Notes,
  type PlannedPrerequisite,
} from '../../../enabling/notes.ts';
import type { DiskSettings } from '../../../../siterecovery/vmSettings.ts';
import {
  isNamedDisk,
  isExcluded,
  diskRequestOf,
  type DiskRequest,
  type ResolvedVmRequest,
  type VmRequest,
} from '../request/vmRequest.ts';

/** The OS disk first, then the others by name. */
export const sortedDisksOf = (vm: SourceVm): readonly SourceDisk[] =>
  sortBy(vm.disks, ({ name, id }) => `${name} ${id}`).sort(
    (first, second) => Number(second.isOs) - Number(first.isOs),
  );

/** Checks the requested disk settings of a VM. */
export function checkDiskRequests(vm: SourceVm, request: VmRequest, notes: Notes): void {
  const names = formatList(sortedDisksOf(vm).map(({ name }) => name));
  for (const requested of request.disks) {
    const disk = vm.disks.find((other) => isNamedDisk(other, requested.disk));
    if (!disk) {
      refuse(notes, 'DiskUnknown', `The VM has no disk "${requested.disk}". Its disks are: ${names}.`);
      continue;
    }
    if (request.disks.some((other) => other !== requested && isNamedDisk(disk, other.disk)))
      refuse(notes, 'DiskNamedTwice', `The disk ${disk.name} is named twice. Say everything of it once.`);
    if (requested.exclude && disk.isOs)
      refuse(
        notes,
        'OsDiskLeftOut',
        `The disk ${disk.name} holds the operating system and cannot be left out. Data disks can: ${formatList(
          sortedDisksOf(vm)
            .filter(({ isOs }) => !isOs)
            .map(({ name }) => name),
        )}.`,
      );
    const unsupportedField = unsupportedFieldOf(disk, requested);
    if (unsupportedField)
      refuse(
        notes,
        'DiskSettingMisfit',
        `"${unsupportedField}" cannot be said of the disk ${disk.name}, which is ` +
          `${disk.managed ? 'managed' : 'not managed'}. Possible fields are: ` +
          `${allowedFieldsOf(disk.managed).join(', ')}, cacheStorageAccountId.`,
      );
  }
}

const MANAGED_DISK_FIELDS = ['replicaType', 'targetType', 'resourceGroup'] as const;
const UNMANAGED_DISK_FIELDS = ['storageAccountId'] as const;
const allowedFieldsOf = (managed: boolean): readonly (keyof DiskRequest)[] =>
  managed ? MANAGED_DISK_FIELDS : UNMANAGED_DISK_FIELDS;
const unsupportedFieldOf = (disk: SourceDisk, request: DiskRequest) =>
  allowedFieldsOf(!disk.managed).find((field) => request[field] !== undefined);

/** Chooses the settings of all replicated disks. */
export function chooseDisks(
  scope: RequestScope,
  vm: SourceVm,
  request: VmRequest,
  resolved: ResolvedVmRequest,
  group: PlannedPrerequisite,
  notes: Notes,
): readonly DiskSettings[] {
  return sortedDisksOf(vm).flatMap((disk) => {
    if (isExcluded(request, disk)) {
      recordChoice(
        notes,
        `disk ${disk.name}`,
        'left out',
        'It was asked for; after a failover the VM comes up without it.',
      );
      return [];
    }
    const diskRequest = diskRequestOf(request, disk);
    const cache = chooseCache(
      scope,
      diskRequest?.cacheStorageAccountId ?? resolved.cacheStorageAccountId,
      `cacheStorageAccount of ${disk.name}`,
      notes,
    );
    if (!cache) return [];
    return (
      (disk.managed
        ? managedDiskSettings(scope, disk, diskRequest, resolved, group, cache, notes)
        : unmanagedDiskSettings(scope, disk, diskRequest, resolved, cache, notes)) ?? []
    );
  });
}

function managedDiskSettings(
  scope: RequestScope,
  disk: SourceDisk,
  diskRequest: DiskRequest | undefined,
  resolved: ResolvedVmRequest,
  group: PlannedPrerequisite,
  cache: PlannedPrerequisite,
  notes: Notes,
): DiskSettings | undefined {
  const replicaType = chooseDiskType(
    scope,
    disk,
    diskRequest?.replicaType ?? resolved.replicaDiskType,
    'replicaType',
    notes,
  );
  const targetType = chooseDiskType(
    scope,
    disk,
    diskRequest?.targetType ?? resolved.targetDiskType,
    'targetType',
    notes,
  );
  const resourceGroup =
    diskRequest?.resourceGroup === undefined
      ? { prerequisite: group }
      : targetResourceGroup(scope, diskRequest.resourceGroup, '', notes);
  if (replicaType === false || targetType === false || !resourceGroup) return undefined;
  return {
    managed: true,
    id: disk.id,
    cacheStorageAccountId: cache.id,
    resourceGroupId: resourceGroup.prerequisite.id,
    replicaType,
    targetType,
  };
}

function unmanagedDiskSettings(
  scope: RequestScope,
  disk: SourceDisk,
  diskRequest: DiskRequest | undefined,
  resolved: ResolvedVmRequest,
  cache: PlannedPrerequisite,
  notes: Notes,
): DiskSettings | undefined {
  const account = chooseDiskAccount(
    scope,
    disk,
    diskRequest?.storageAccountId ?? resolved.diskStorageAccountId,
    notes,
  );
  if (!account) return undefined;
  recordChoice(notes, `storageAccount of ${disk.name}`, account.name, account.reason);
  return { managed: false, id: disk.id, cacheStorageAccountId: cache.id, storageAccountId: account.id };
}

/** The type of the source disk by default. Zone-redundant disks need a region with zones. */
function chooseDiskType(
  scope: RequestScope,
  disk: SourceDisk,
  requested: string | undefined,
  choiceName: string,
  notes: Notes,
): string | false {
  const sourceType = disk.accountType ?? 'Standard_LRS';
  const type = requested ?? sourceType;
  if (!type.endsWith('_ZRS') || scope.targetRegion.zones.length > 0) {
    recordChoice(
      notes,
      `${choiceName} of ${disk.name}`,
      type,
      requested === undefined ? 'It is the type of the source disk.' : 'It was asked for.',
    );
    return type;
  }
  const locallyRedundant = type.replace(/_ZRS$/, '_LRS');
  if (requested !== undefined)
    return refuse(
      notes,
      'DiskTypeNotThere',
      `The region ${scope.targetRegion.name} has no zones, so there are no disks of the type ` +
        `${type}. Name ${locallyRedundant}, Standard_LRS, StandardSSD_LRS or Premium_LRS.`,
    );
  recordChoice(
    notes,
    `${choiceName} of ${disk.name}`,
    locallyRedundant,
    `The source disk is ${sourceType}, but ${scope.targetRegion.name} has no zones; this is the ` +
      'same, locally redundant.',
  );
  return locallyRedundant;
}
