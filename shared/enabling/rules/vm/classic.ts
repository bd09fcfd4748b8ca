// VMs of the classic deployment model: they come up under that model again, in a cloud service, a
// network and storage accounts of it.
// Azure makes none of these any more, so nothing is made for them: what is there is found by its
// name, or is named.
import { isClassicId, nameOf, resourceGroupOf } from '../../../core/armId.ts';
import type { CloudServiceFacts, SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { isIn, isOf } from '../lookup.ts';
import { LONGEST, suffixed } from '../prerequisites/names.ts';
import { choose, listed, refuse, type Notes } from '../notes.ts';
import type { Check } from '../preview.ts';
import { sameId } from '../../../siterecovery/item.ts';
import type { VmWish } from '../request/request.ts';
import type { VmWishes } from '../request/requestOfVm.ts';

/** Classic goes with classic. */
export const ofModel =
  (vm: Pick<SourceVm, 'model'>) =>
  (one: { readonly id: string }): boolean =>
    isClassicId(one.id) === (vm.model === 'classic');

export const modelInWords = (vm: Pick<SourceVm, 'model'>): string =>
  vm.model === 'classic' ? 'the classic model' : 'Resource Manager';

/** What of Resource Manager's is said of this very VM; what is said of all VMs is not meant for it. */
export function judgeModel(ground: Ground, vm: SourceVm, wish: VmWish, notes: Notes): void {
  if (vm.model !== 'classic') {
    if (wish.cloudServiceId !== undefined)
      refuse(
        notes,
        'NotClassic',
        'The VM is of Resource Manager and comes up in a resource group, not in a cloud service. ' +
          'Leave "cloudServiceId" out.',
      );
    return;
  }
  const misfit = (['resourceGroup', 'placementGroupId', 'availabilitySetId'] as const).find(
    (what) => wish[what] !== undefined && wish[what] !== null,
  );
  if (misfit)
    refuse(
      notes,
      'ClassicMisfit',
      `"${misfit}" cannot be said of a VM of the classic model: it comes up in a cloud ` +
        'service. Leave it out.',
    );
  const mixed = ground.wish.multiVmGroup && ground.wish.vms.some(({ id }) => !isClassicId(id));
  if (mixed)
    refuse(
      notes,
      'GroupOfTwoModels',
      'A multi-VM group of VMs of both deployment models is not supported. Ask for the classic ' +
        'VMs in a group of their own.',
    );
}

const possibleServices = ({ look, target }: Ground): readonly CloudServiceFacts[] =>
  [...look.cloudServices.values()].filter(
    (one) => isIn(one, target.region) && isOf(one, target.subscription),
  );

/** The one that is named, else the one with the name of the source's and `-asr`. */
export function chooseService(
  ground: Ground,
  vm: SourceVm,
  wishes: VmWishes,
  notes: Notes,
): CloudServiceFacts | false {
  const possible = possibleServices(ground);
  const instead = `Name one of ${ground.target.region}: ${listed(possible.map(({ id }) => id))}.`;
  const wanted = suffixed(vm.cloudService ?? '', LONGEST.cloudService);
  const found = possible.find(({ id, name }) =>
    wishes.cloudServiceId === undefined ? sameId(name, wanted) : sameId(id, wishes.cloudServiceId),
  );
  if (!found && wishes.cloudServiceId !== undefined)
    return refuse(
      notes,
      'TargetServiceUnknown',
      `The cloud service ${wishes.cloudServiceId} is not one of the target region and ` +
        `subscription, or cannot be seen. ${instead}`,
    );
  if (!found)
    return refuse(
      notes,
      'TargetServiceMissing',
      `In ${ground.target.region} there is no cloud service ${wanted} for the VM to come up ` +
        'in, and Azure makes no new ones. Name another in "cloudServiceId", one of: ' +
        `${listed(possible.map(({ id }) => id))}.`,
    );
  choose(
    notes,
    'cloudService',
    found.name,
    wishes.cloudServiceId === undefined
      ? `By default the source's cloud service ${vm.cloudService ?? ''} with the suffix -asr; it exists.`
      : 'It was asked for.',
  );
  choose(notes, 'resourceGroup', nameOf(resourceGroupOf(found.id)), 'It is that of the cloud service.');
  return found;
}

export const checkClassicOutbound: Check = {
  id: 'PRE-4',
  name: 'Outbound connectivity',
  verdict: 'manual',
  message: 'The security rules of classic networks are not told by Resource Manager.',
  remedy:
    'Look whether TCP 443 is open from the VM to Storage, AzureActiveDirectory, ' +
    'AzureSiteRecovery and EventHub.',
};

export const checkClassicQuota: Check = {
  id: 'PRE-2',
  name: 'Quota of classic VMs',
  verdict: 'manual',
  message:
    'VMs of the classic model have a quota of cores of their own, which Resource Manager does not tell.',
  remedy: 'Look whether the target subscription has classic cores for all of them.',
};
