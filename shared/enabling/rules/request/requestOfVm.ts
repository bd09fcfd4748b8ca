// What is wished for one VM: its own words, else the target's.
import { sameId } from '../../../siterecovery/item.ts';
import type { SourceDisk } from '../../../azure/facts.ts';
import type { TargetWish, VmWish } from './request.ts';

export type DiskWish = VmWish['disks'][number];

export interface VmWishes {
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

export function wishesFor(target: TargetWish, vm: VmWish): VmWishes {
  const ownPlacing =
    vm.availability !== undefined || vm.zone !== undefined || vm.availabilitySetId !== undefined;
  const placing = ownPlacing ? vm : target;
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
    availability: placing.availability,
    zone: placing.zone,
    availabilitySetId: placing.availabilitySetId,
    placementGroupId: vm.placementGroupId === undefined ? target.placementGroupId : vm.placementGroupId,
  };
}

export const isDisk = (disk: SourceDisk, named: string): boolean =>
  sameId(disk.id, named) || sameId(disk.name, named);
export const wishForDisk = (vm: VmWish, disk: SourceDisk): DiskWish | undefined =>
  vm.disks.find((one) => isDisk(disk, one.disk));
export const isLeftOut = (vm: VmWish | undefined, disk: SourceDisk): boolean =>
  !disk.isOs && vm !== undefined && wishForDisk(vm, disk)?.exclude === true;
