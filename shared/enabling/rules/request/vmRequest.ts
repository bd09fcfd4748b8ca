// What is wished for one VM: its own words, else the target's.
import { sameId } from '../../../siterecovery/item.ts';
import type { SourceDisk } from '../../../azure/facts.ts';
import type { TargetRequest, VmRequest } from './request.ts';

export type DiskRequest = VmRequest['disks'][number];

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
  /** Null: none, though the source is in one. */
  readonly placementGroupId: string | null | undefined;
}

export function resolveVmRequest(target: TargetRequest, vm: VmRequest): ResolvedVmRequest {
  const hasOwnAvailability =
    vm.availability !== undefined || vm.zone !== undefined || vm.availabilitySetId !== undefined;
  const availabilityOwner = hasOwnAvailability ? vm : target;
  return {
    resourceGroup: vm.resourceGroup ?? target.resourceGroup,
    networkId: vm.networkId ?? target.networkId,
    // A subnet is one of its network: the target's says nothing of another network.
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

export const isNamedDisk = (disk: SourceDisk, nameOrId: string): boolean =>
  sameId(disk.id, nameOrId) || sameId(disk.name, nameOrId);
export const diskRequestOf = (vm: VmRequest, disk: SourceDisk): DiskRequest | undefined =>
  vm.disks.find((request) => isNamedDisk(disk, request.disk));
export const isExcluded = (vm: VmRequest | undefined, disk: SourceDisk): boolean =>
  !disk.isOs && vm !== undefined && diskRequestOf(vm, disk)?.exclude === true;
