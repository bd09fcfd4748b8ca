// Rules for VMs of the classic deployment model. After a failover such a VM needs an existing
// classic cloud service, network and storage account. Azure creates no new classic resources, so
// Lifeboat finds them by name or takes the named ones.
import { isClassicId, nameOf, resourceGroupOf } from '../../../../core/armId.ts';
import type { CloudServiceFacts, SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { isInRegion, isInSubscription } from '../../../enabling/lookup.ts';
import { MAX_NAME_LENGTHS, withAsrSuffix } from '../../../enabling/resourceNames.ts';
import { recordChoice, formatList, suggestOneOf, refuse, type Notes } from '../../../enabling/notes.ts';
import type { ReadinessCheck } from '../../../enabling/preview.ts';
import { sameId } from '../../../../siterecovery/item.ts';
import type { ResolvedVmRequest, VmRequest } from '../request/vmRequest.ts';

/** Classic VMs need classic resources, and Resource Manager VMs need Resource Manager resources. */
export const isOfSameModel =
  (vm: Pick<SourceVm, 'model'>) =>
  (resource: { readonly id: string }): boolean =>
    isClassicId(resource.id) === (vm.model === 'classic');

/** The deployment model of a VM in words. */
export const modelText = (vm: Pick<SourceVm, 'model'>): string =>
  vm.model === 'classic' ? 'the classic model' : 'Resource Manager';

/**
 * Checks the settings of this one VM for fields of the other model. Settings for all VMs are not
 * checked.
 */
export function checkModel(scope: RequestScope, vm: SourceVm, request: VmRequest, notes: Notes): void {
  if (vm.model !== 'classic') {
    if (request.cloudServiceId !== undefined)
      refuse(
        notes,
        'NotClassic',
        'The VM is of Resource Manager and comes up in a resource group, not in a cloud service. ' +
          'Leave "cloudServiceId" out.',
      );
    return;
  }
  const unsupportedField = (['resourceGroup', 'placementGroupId', 'availabilitySetId'] as const).find(
    (field) => request[field] !== undefined && request[field] !== null,
  );
  if (unsupportedField)
    refuse(
      notes,
      'ClassicMisfit',
      `"${unsupportedField}" cannot be said of a VM of the classic model: it comes up in a cloud ` +
        'service. Leave it out.',
    );
  const hasBothModels = scope.request.multiVmGroup && !scope.request.vms.every(isClassicId);
  if (hasBothModels)
    refuse(
      notes,
      'GroupOfTwoModels',
      'A multi-VM group of VMs of both deployment models is not supported. Ask for the classic ' +
        'VMs in a group of their own.',
    );
}

const possibleCloudServices = ({ lookup, target }: RequestScope): readonly CloudServiceFacts[] =>
  [...lookup.cloudServices.values()].filter(
    (service) => isInRegion(service, target.region) && isInSubscription(service, target.subscription),
  );

/** The requested cloud service, or else the source name with `-asr`. */
export function chooseCloudService(
  scope: RequestScope,
  vm: SourceVm,
  resolved: ResolvedVmRequest,
  notes: Notes,
): CloudServiceFacts | false {
  const possible = possibleCloudServices(scope);
  const suggestion = suggestOneOf(
    possible.map(({ id }) => id),
    scope.target.region,
  );
  const wanted = withAsrSuffix(vm.cloudService ?? '', MAX_NAME_LENGTHS.cloudService);
  const service = possible.find(({ id, name }) =>
    resolved.cloudServiceId === undefined ? sameId(name, wanted) : sameId(id, resolved.cloudServiceId),
  );
  if (!service && resolved.cloudServiceId !== undefined)
    return refuse(
      notes,
      'TargetServiceUnknown',
      `The cloud service ${resolved.cloudServiceId} is not one of the target region and ` +
        `subscription, or cannot be seen. ${suggestion}`,
    );
  if (!service)
    return refuse(
      notes,
      'TargetServiceMissing',
      `In ${scope.target.region} there is no cloud service ${wanted} for the VM to come up ` +
        'in, and Azure makes no new ones. Name another in "cloudServiceId", one of: ' +
        `${formatList(possible.map(({ id }) => id))}.`,
    );
  recordChoice(
    notes,
    'cloudService',
    service.name,
    resolved.cloudServiceId === undefined
      ? `By default the source's cloud service ${vm.cloudService ?? ''} with the suffix -asr; it exists.`
      : 'It was asked for.',
  );
  recordChoice(
    notes,
    'resourceGroup',
    nameOf(resourceGroupOf(service.id)),
    'It is that of the cloud service.',
  );
  return service;
}

/** The outbound check of a classic VM. */
export const CLASSIC_OUTBOUND_CHECK: ReadinessCheck = {
  id: 'PRE-4',
  name: 'Outbound connectivity',
  verdict: 'manual',
  message: 'Resource Manager does not show the security rules of classic networks.',
  remedy:
    'Check whether TCP 443 is open from the VM to Storage, AzureActiveDirectory, ' +
    'AzureSiteRecovery and EventHub.',
};

/** The quota check of classic VMs. */
export const CLASSIC_QUOTA_CHECK: ReadinessCheck = {
  id: 'PRE-2',
  name: 'Quota of classic VMs',
  verdict: 'manual',
  message: 'VMs of the classic model have their own quota of cores; Resource Manager does not show it.',
  remedy: 'Check whether the target subscription has enough classic cores for all VMs.',
};
