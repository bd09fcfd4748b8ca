// Whether Site Recovery can replicate a VM as it stands.
import { nameOf } from '../../../core/armId.ts';
import { disksOf } from './disks.ts';
import type { SourceDisk, SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { isIn, isOf } from '../lookup.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { Refusal } from '../../../core/refusal.ts';
import { isLeftOut } from '../request/requestOfVm.ts';
import type { VmWish } from '../request/request.ts';

const MOST_GB = { os: 4096, data: 32_768, unmanagedData: 4096 } as const;
const NOT_REPLICATED: Readonly<Record<string, string>> = {
  UltraSSD_LRS: 'an Ultra disk',
  PremiumV2_LRS: 'a Premium SSD v2 disk',
};

export function wrongWithDisk(disk: SourceDisk): string | undefined {
  const kind = NOT_REPLICATED[disk.accountType ?? ''];
  if (kind !== undefined) return `${disk.name} is ${kind}`;
  if (disk.shared) return `${disk.name} is shared between VMs`;
  const most = disk.isOs ? MOST_GB.os : disk.managed ? MOST_GB.data : MOST_GB.unmanagedData;
  return disk.sizeGb > most
    ? `${disk.name} has ${disk.sizeGb} GB, more than the ${most} GB that are replicated`
    : undefined;
}

/** What the VM itself is: not mended by any setting but by changing the VM, or by leaving a disk out. */
export function wrongWithVm(vm: SourceVm, wish?: VmWish): readonly Refusal[] {
  const wrong: Refusal[] = [];
  const say = (code: string, message: string): void => {
    wrong.push({ code, message });
  };
  if (vm.scaleSetId !== null)
    say(
      'InScaleSet',
      `The VM belongs to the scale set ${nameOf(vm.scaleSetId)}; Lifeboat does not replicate ` +
        'members of scale sets. Leave it out, or move its workload to a VM of its own.',
    );
  if (vm.model === 'classic' && vm.nics.length === 0)
    say(
      'NoClassicNetwork',
      'The VM is of the classic model and in no virtual network, which Site Recovery does not ' +
        'replicate. Migrate it to Resource Manager, or bring it into a network.',
    );
  if (vm.power === 'deallocated' || vm.power === 'stopped') {
    say(
      vm.power === 'deallocated' ? 'Deallocated' : 'Stopped',
      `The VM is ${vm.power}; replication is enabled only while it runs. If it is meant to ` +
        'run, and no other machine has its name and data, start it, then ask again.',
    );
  }
  const disks = disksOf(vm).filter((disk) => !isLeftOut(wish, disk));
  if (!disks.some(({ isOs }) => isOs))
    say('NoOsDisk', 'No disk of the VM with an operating system can be seen. Look whether the VM has one.');
  for (const disk of disks) {
    const why = wrongWithDisk(disk);
    if (why !== undefined)
      say(
        'UnsupportedDisk',
        `The disk ${why}, which Site Recovery does not ` +
          `replicate${disk.isOs ? '. Change the disk.' : '. Leave the disk out ("exclude"), or change it.'}`,
      );
  }
  if (disks.length > 65)
    say(
      'TooManyDisks',
      `The VM has ${disks.length - 1} data disks to replicate; 64 are possible. Leave some out.`,
    );
  const data = disks.filter(({ managed }) => managed).length;
  if (data !== 0 && data !== disks.length)
    say(
      'MixedDisks',
      'Some disks of the VM are managed and some are not. Convert all of them to managed disks.',
    );
  return wrong;
}

/** What an earlier attempt has left stands in the way of the next one. */
export const failedBefore = (itemId: string): Refusal => ({
  code: 'EnablingFailedBefore',
  message:
    'An earlier attempt to replicate the VM has failed, and left an item that must go first ' +
    `(${itemId}). Nothing was started. GET /api/v1/replications lists it as "enablingFailed" ` +
    'within a minute: send disableReplication with its id, then enable it again.',
});

export const agentSilent = (vm: SourceVm): Refusal | undefined =>
  vm.agentReady === false && vm.power !== 'deallocated' && vm.power !== 'stopped'
    ? {
        code: 'AgentNotReady',
        message:
          'The VM agent of Azure does not answer in the VM; Site Recovery installs its own through ' +
          'it. Install or start the VM agent, then ask again.',
      }
    : undefined;

/** Whether it belongs to the source that the wish names. */
export function wrongWithPlace(vm: SourceVm, ground: Ground): readonly Refusal[] {
  const { source, wish } = ground;
  const wrong: Refusal[] = [];
  if (!isIn(vm, source.region))
    wrong.push({
      code: 'NotInRegion',
      message:
        `The VM is in ${vm.region}, not in the source region ${source.region}. Ask for it with ` +
        'its own region as the source.',
    });
  if (!isOf(vm, source.subscription))
    wrong.push({
      code: 'NotInSubscription',
      message:
        `The VM is of the subscription ${vm.subscription}, not of the source's ` +
        `${source.subscription}. Ask for it with its own subscription as the source.`,
    });
  const named = wish.source;
  if (!named) return wrong;
  if (named.resourceGroup !== undefined && !sameId(named.resourceGroup, vm.resourceGroup))
    wrong.push({
      code: 'NotInResourceGroup',
      message:
        `The VM is in the resource group ${vm.resourceGroup}, not in the source's ` +
        `${named.resourceGroup}. Name that one, or none.`,
    });
  if (named.model !== vm.model)
    wrong.push({
      code: 'OtherModel',
      message:
        `The VM was deployed as "${vm.model}", and the source is "${named.model}". Ask for it ` +
        'with its own model.',
    });
  else if (
    vm.model === 'classic' &&
    named.cloudService !== undefined &&
    !sameId(named.cloudService, vm.cloudService ?? '')
  )
    wrong.push({
      code: 'NotInCloudService',
      message:
        `The VM is in the cloud service ${vm.cloudService ?? 'none'}, not in ` +
        `${named.cloudService}. Name that one.`,
    });
  return wrong;
}
