// Decides whether Site Recovery can replicate a VM in its present state. Pure.
import { nameOf } from '../../../../core/armId.ts';
import { sortedDisksOf } from './disks.ts';
import type { SourceDisk, SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { isInRegion, isInSubscription } from '../../../enabling/lookup.ts';
import { sameId } from '../../../../siterecovery/item.ts';
import type { Refusal } from '../../../../core/refusal.ts';
import { isExcluded, type VmRequest } from '../request/vmRequest.ts';

const MAX_DISK_GB = { os: 4096, data: 32_768, unmanagedData: 4096 } as const;
const UNSUPPORTED_DISK_TYPES: Readonly<Record<string, string>> = {
  UltraSSD_LRS: 'an Ultra disk',
  PremiumV2_LRS: 'a Premium SSD v2 disk',
};

/** The reason why Site Recovery does not replicate a disk, if any. */
export function unsupportedDiskReason(disk: SourceDisk): string | undefined {
  const kind = UNSUPPORTED_DISK_TYPES[disk.accountType ?? ''];
  if (kind !== undefined) return `${disk.name} is ${kind}`;
  if (disk.shared) return `${disk.name} is shared between VMs`;
  const maxGb = disk.isOs ? MAX_DISK_GB.os : disk.managed ? MAX_DISK_GB.data : MAX_DISK_GB.unmanagedData;
  return disk.sizeGb > maxGb
    ? `${disk.name} has ${disk.sizeGb} GB, more than the ${maxGb} GB that are replicated`
    : undefined;
}

/** Problems of the VM itself. Only a change of the VM or the exclusion of a disk can solve them. */
export function refusalsOfVm(vm: SourceVm, request?: VmRequest): readonly Refusal[] {
  const refusals: Refusal[] = [];
  const addRefusal = (code: string, message: string): void => {
    refusals.push({ code, message });
  };
  if (vm.scaleSetId !== null)
    addRefusal(
      'InScaleSet',
      `The VM belongs to the scale set ${nameOf(vm.scaleSetId)}; Lifeboat does not replicate ` +
        'members of scale sets. Leave it out, or move its workload to a VM of its own.',
    );
  if (vm.model === 'classic' && vm.nics.length === 0)
    addRefusal(
      'NoClassicNetwork',
      'The VM is of the classic model and in no virtual network, which Site Recovery does not ' +
        'replicate. Migrate it to Resource Manager, or bring it into a network.',
    );
  if (vm.power === 'deallocated' || vm.power === 'stopped') {
    addRefusal(
      vm.power === 'deallocated' ? 'Deallocated' : 'Stopped',
      `The VM is ${vm.power}; replication is enabled only while it runs. If it is meant to ` +
        'run, and no other machine has its name and data, start it, then ask again.',
    );
  }
  const disks = sortedDisksOf(vm).filter((disk) => !isExcluded(request, disk));
  if (!disks.some(({ isOs }) => isOs))
    addRefusal(
      'NoOsDisk',
      'No disk of the VM with an operating system is visible. Check whether the VM has one.',
    );
  for (const disk of disks) {
    const reason = unsupportedDiskReason(disk);
    if (reason !== undefined)
      addRefusal(
        'UnsupportedDisk',
        `The disk ${reason}, which Site Recovery does not ` +
          `replicate${disk.isOs ? '. Change the disk.' : '. Leave the disk out ("exclude"), or change it.'}`,
      );
  }
  if (disks.length > 65)
    addRefusal(
      'TooManyDisks',
      `The VM has ${disks.length - 1} data disks to replicate; 64 are possible. Leave some out.`,
    );
  const managedCount = disks.filter(({ managed }) => managed).length;
  if (managedCount !== 0 && managedCount !== disks.length)
    addRefusal(
      'MixedDisks',
      'Some disks of the VM are managed and some are not. Convert all of them to managed disks.',
    );
  return refusals;
}

/** The refusal when the VM agent does not answer. */
export const agentNotReadyRefusal = (vm: SourceVm): Refusal | undefined =>
  vm.agentReady === false && vm.power !== 'deallocated' && vm.power !== 'stopped'
    ? {
        code: 'AgentNotReady',
        message:
          'The VM agent of Azure does not answer in the VM; Site Recovery installs its own through ' +
          'it. Install or start the VM agent, then ask again.',
      }
    : undefined;

/** Problems with the location: the VM must belong to the source of the request. */
export function refusalsOfLocation(vm: SourceVm, scope: RequestScope): readonly Refusal[] {
  const { source, request } = scope;
  const refusals: Refusal[] = [];
  if (!isInRegion(vm, source.region))
    refusals.push({
      code: 'NotInRegion',
      message:
        `The VM is in ${vm.region}, not in the source region ${source.region}. Ask for it with ` +
        'its own region as the source.',
    });
  if (!isInSubscription(vm, source.subscription))
    refusals.push({
      code: 'NotInSubscription',
      message:
        `The VM is of the subscription ${vm.subscription}, not of the source's ` +
        `${source.subscription}. Ask for it with its own subscription as the source.`,
    });
  const requestedSource = request.source;
  if (!requestedSource) return refusals;
  if (requestedSource.resourceGroup !== undefined && !sameId(requestedSource.resourceGroup, vm.resourceGroup))
    refusals.push({
      code: 'NotInResourceGroup',
      message:
        `The VM is in the resource group ${vm.resourceGroup}, not in the source's ` +
        `${requestedSource.resourceGroup}. Name that one, or none.`,
    });
  if (requestedSource.model !== vm.model)
    refusals.push({
      code: 'OtherModel',
      message:
        `The VM was deployed as "${vm.model}", and the source is "${requestedSource.model}". Ask for it ` +
        'with its own model.',
    });
  else if (
    vm.model === 'classic' &&
    requestedSource.cloudService !== undefined &&
    !sameId(requestedSource.cloudService, vm.cloudService ?? '')
  )
    refusals.push({
      code: 'NotInCloudService',
      message:
        `The VM is in the cloud service ${vm.cloudService ?? 'none'}, not in ` +
        `${requestedSource.cloudService}. Name that one.`,
    });
  return refusals;
}
