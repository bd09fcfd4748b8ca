// Enabling of Azure to Azure, as the interface of a driver asks for it.
import type { EnablingSupport, NeededFacts, VmPlace } from '../../enabling/support.ts';
import { LOCATION_PROBLEM_CODES } from '../../enabling/support.ts';
import { checkMemberCount } from './vm/multiVmGroup.ts';
import { findRuleFixes } from './network/ruleFixes.ts';
import { keyOf } from '../../enabling/lookup.ts';
import { previewEnabling } from './previewEnabling.ts';
import { choicesFor } from './request/choices.ts';
import { requestedVault } from './request/locations.ts';
import { EnableFields, PrepareFields, PrepareRequest } from './request/request.ts';
import { resolveScope } from './request/requestScope.ts';
import { protectabilityOf } from './request/sourceVms.ts';
import { evaluateUpdate } from './update/evaluateUpdate.ts';
import { DeploymentModel } from '../../../azure/facts.ts';
import { isClassicId, resourceGroupNameOf, subscriptionOf } from '../../../core/armId.ts';
import type { Refusal } from '../../../core/refusal.ts';

const LOCATION_CODES: ReadonlySet<string> = new Set(LOCATION_PROBLEM_CODES);

export const enabling: EnablingSupport<PrepareRequest> = {
  enableFields: EnableFields,
  prepareFields: PrepareFields,
  checkRequest: (request) =>
    [
      checkRegions(request),
      request.multiVmGroup &&
        checkMemberCount(
          { name: request.multiVmGroup.name, id: null, existingMembers: [] },
          request.vms.length,
        ),
    ].filter((refusal) => refusal !== undefined),
  vaultIdOf: (request, subscription) =>
    requestedVault(request, { region: request.target.region, subscription }).id,
  targetOf: (facts, request) => resolveScope(facts, request).scope.target,
  locationRefusalsOf: (facts, request) =>
    resolveScope(facts, request).notes.refusals.filter(({ code }) => LOCATION_CODES.has(code)),
  preview: previewEnabling,
  ruleFixesFor(facts, request) {
    const { scope } = resolveScope(facts, request);
    const vms = request.vms.flatMap((id) => scope.lookup.vms.get(keyOf(id)) ?? []);
    return findRuleFixes(scope, vms, request.multiVmGroup !== undefined);
  },
  azureSources: { choicesFor, protectabilityOf },
  evaluateUpdate,
  neededFacts: ({ source, target, vms }) => ({
    sourceSubscriptions: [...(source ? [source.subscription] : []), ...vms.map(subscriptionOf)],
    targetSubscription: target.subscription,
    sourceRegion: source?.region ?? null,
    includesClassic: source ? source.model === DeploymentModel.classic : vms.some(isClassicId),
    ...vmsToRead(source, vms),
  }),
  requestOfReplicated: ({ vaultArmId, from, to, sourceVmIds }) =>
    PrepareRequest.parse({
      vault: { id: vaultArmId },
      ...(sourceVmIds.length === 0 ? { source: from } : {}),
      target: { region: to.region, ...(sourceVmIds.length === 0 ? { subscription: to.subscription } : {}) },
      vms: sourceVmIds,
    }),
  // The request has one size, the size of the source, and one subnet.
  needsUpdate: ({ size, nics }) => size !== null || nics.length > 1,
};

/**
 * The requested VMs, and the VMs of the requested source. Without a source: all VMs in the resource
 * groups of the requested VMs.
 */
function vmsToRead(
  source: PrepareRequest['source'],
  vms: readonly string[],
): Pick<NeededFacts, 'isWanted' | 'isListed'> {
  const requestedIds = new Set(vms.map((id) => id.toLowerCase()));
  const groups = new Set([...requestedIds].map(resourceGroupNameOf));
  const isRequested = ({ id }: { readonly id: string }): boolean => requestedIds.has(id.toLowerCase());
  const isInSource = (vm: VmPlace, subscription: string): boolean =>
    source
      ? source.subscription.toLowerCase() === subscription &&
        vm.region === source.region &&
        (source.resourceGroup === undefined ||
          source.resourceGroup.toLowerCase() === vm.resourceGroup.toLowerCase())
      : groups.has(vm.resourceGroup.toLowerCase());
  return {
    isWanted: (vm, subscription) => isRequested(vm) || isInSource(vm, subscription),
    isListed: (vm) =>
      isRequested(vm) ||
      !source ||
      (vm.model === source.model &&
        (source.cloudService === undefined ||
          vm.cloudService?.toLowerCase() === source.cloudService.toLowerCase())),
  };
}

function checkRegions({ source, target, perVm }: PrepareRequest): Refusal | undefined {
  const namesZone = target.zone !== undefined || Object.values(perVm).some(({ zone }) => zone !== undefined);
  if (source?.region !== target.region || namesZone) return undefined;
  return {
    code: 'SameRegion',
    message:
      `The target region ${target.region} is the source region. Name another region or, to ` +
      'replicate from zone to zone, the target zone in "target.zone".',
  };
}
