// Resolves the settings of one VM: its own settings first, then the target settings of the request.
// Pure.
import { sameId } from '../../../../siterecovery/item.ts';
import type { SourceDisk } from '../../../../azure/facts.ts';
import type { PrepareRequest, TargetRequest, VmSettingsRequest } from './request.ts';

/** One VM of a request with its own settings. */
export interface VmRequest extends VmSettingsRequest {
  readonly id: string;
}

const NO_SETTINGS: VmSettingsRequest = { disks: [] };
/** The VMs of a request, each with its own settings. */
export function vmRequestsOf({ vms, perVm }: Pick<PrepareRequest, 'vms' | 'perVm'>): readonly VmRequest[] {
  const settings = new Map(Object.entries(perVm).map(([id, own]) => [id.toLowerCase(), own]));
  return vms.map((id) => ({ id, ...(settings.get(id.toLowerCase()) ?? NO_SETTINGS) }));
}

/** The requested settings of one disk. */
export type DiskRequest = VmRequest['disks'][number];

/** The resolved settings of one VM. */
export interface ResolvedVmRequest {
  readonly resourceGroup: string | undefined;
  readonly networkId: string | undefined;
  readonly subnet: string | undefined;
  readonly size: string | undefined;
  readonly cacheStorageAccountId: string | undefined;
  readonly diskStorageAccountId: string | undefined;
  readonly cloudServiceId: string | undefined;
  readonly replicaDiskType: string | undefined;
  readonly targetDiskType: string | undefined;
  readonly availability: 'single' | 'set' | 'zone' | undefined;
  readonly zone: string | undefined;
  readonly availabilitySetId: string | undefined;
  /** Null: no placement group, even when the source VM has one. */
  readonly placementGroupId: string | null | undefined;
}

/** Resolves the settings of one VM. */
export function resolveVmRequest(target: TargetRequest, vm: VmRequest): ResolvedVmRequest {
  const hasOwnAvailability =
    vm.availability !== undefined || vm.zone !== undefined || vm.availabilitySetId !== undefined;
  const availabilityOwner = hasOwnAvailability ? vm : target;
  return {
    resourceGroup: vm.resourceGroup ?? target.resourceGroup,
    networkId: vm.networkId ?? target.networkId,
    // A subnet belongs to its network. The subnet of the target does not apply to another network.
    subnet: vm.subnet ?? (vm.networkId === undefined ? target.subnet : undefined),
    size: vm.size ?? target.size,
    cacheStorageAccountId: vm.cacheStorageAccountId ?? target.cacheStorageAccountId,
    diskStorageAccountId: vm.diskStorageAccountId ?? target.diskStorageAccountId,
    cloudServiceId: vm.cloudServiceId ?? target.cloudServiceId,
    replicaDiskType: vm.replicaDiskType ?? target.replicaDiskType,
    targetDiskType: vm.targetDiskType ?? target.targetDiskType,
    availability: availabilityOwner.availability,
    zone: availabilityOwner.zone,
    availabilitySetId: availabilityOwner.availabilitySetId,
    placementGroupId: vm.placementGroupId === undefined ? target.placementGroupId : vm.placementGroupId,
  };
}

/** Tells whether a name or id means this disk. */
export const isNamedDisk = (disk: SourceDisk, nameOrId: string): boolean =>
  sameId(disk.id, nameOrId) || sameId(disk.name, nameOrId);
/** The requested settings of a disk, if any. */
export const diskRequestOf = (vm: VmRequest, disk: SourceDisk): DiskRequest | undefined =>
  vm.disks.find((request) => isNamedDisk(disk, request.disk));
/** Tells whether the request excludes a data disk. */
export const isExcluded = (vm: VmRequest | undefined, disk: SourceDisk): boolean =>
  !disk.isOs && vm !== undefined && diskRequestOf(vm, disk)?.exclude === true;
