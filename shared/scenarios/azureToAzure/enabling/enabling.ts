// Enabling of Azure to Azure, as the interface of a driver asks for it.
import type { EnablingSupport } from '../../enabling/support.ts';
import { LOCATION_PROBLEM_CODES } from '../../enabling/support.ts';
import { checkMemberCount } from './vm/multiVmGroup.ts';
import { findRuleFixes } from './network/ruleFixes.ts';
import { keyOf } from '../../enabling/lookup.ts';
import { previewEnabling } from './previewEnabling.ts';
import { choicesFor } from './request/choices.ts';
import { requestedVault } from './request/locations.ts';
import type { PrepareRequest } from './request/request.ts';
import { resolveScope } from './request/requestScope.ts';
import { protectabilityOf } from './request/sourceVms.ts';
import { evaluateUpdate } from './update/evaluateUpdate.ts';
import type { Refusal } from '../../../core/refusal.ts';

const LOCATION_CODES: ReadonlySet<string> = new Set(LOCATION_PROBLEM_CODES);

export const enabling: EnablingSupport<PrepareRequest> = {
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
  choicesFor,
  protectabilityOf,
  evaluateUpdate,
  // The request has one size, the size of the source, and one subnet.
  needsUpdate: ({ size, nics }) => size !== null || nics.length > 1,
};

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
