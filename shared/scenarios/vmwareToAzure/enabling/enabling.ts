// Enabling of VMs of a vCenter, as the interface of a driver asks for it.
import { nameAfter, subscriptionOf } from '../../../core/armId.ts';
import type { AzureFacts } from '../../../azure/facts.ts';
import { Scenario } from '../../../core/scenario.ts';
import { LOCATION_PROBLEM_CODES, type EnablingSupport } from '../../enabling/support.ts';
import { findPlaceOf } from '../../enabling/onPremises/scope.ts';
import { evaluateOnPremisesUpdate } from '../../enabling/onPremises/update.ts';
import { refusalsOfMachine } from './draft.ts';
import { previewVmwareEnabling } from './preview.ts';
import { readSites } from './readSites.ts';
import { VmwareEnableFields, VmwarePrepareFields, type VmwarePrepareRequest } from './request.ts';
import { machinesNamed, resolveVmwareScope } from './scope.ts';

const LOCATION_CODES: ReadonlySet<string> = new Set(LOCATION_PROBLEM_CODES);
const GOAL = { protect: 'vmwareVm', to: 'azure' } as const;
/** The hours that a configuration server keeps recovery points at most. */
const MAX_CLASSIC_HOURS = 72;

export const enabling: EnablingSupport<VmwarePrepareRequest> = {
  enableFields: VmwareEnableFields,
  prepareFields: VmwarePrepareFields,
  checkRequest: () => [],
  vaultIdOf: ({ vault }) => vault.id,
  targetOf: (facts, request) => resolveVmwareScope(facts, request).scope.target,
  locationRefusalsOf: (facts, request) =>
    resolveVmwareScope(facts, request).notes.refusals.filter(({ code }) => LOCATION_CODES.has(code)),
  preview: (facts, request, requestRefusals) =>
    previewVmwareEnabling(facts, request, [...requestRefusals, ...classicRefusals(facts, request)]),
  // Security groups have no effect on machines on premises.
  ruleFixesFor: () => [],
  azureSources: null,
  evaluateUpdate: (facts, current, request) =>
    evaluateOnPremisesUpdate(facts, current, request, {
      fields: ['availability', 'zone', 'diskTypes'],
      machines: 'a VM of a vCenter',
    }),
  sites: { read: readSites, refusalsOf: refusalsOfMachine },
  siteOf: (facts, request) => resolveVmwareScope(facts, request).scope.site,
  withMachineIds,
  neededFacts: ({ vault, target }) => ({
    sourceSubscriptions: [],
    targetSubscription: target.subscription ?? subscriptionOf(vault.id),
    sourceRegion: null,
    includesClassic: false,
    isWanted: () => false,
    isListed: () => false,
  }),
  // On the way home, the source is the VM in Azure. An item names its machine in both directions.
  requestOfReplicated: ({ vaultArmId, from, to, itemIds }) => {
    const { region, subscription } = to.region === '' ? from : to;
    return VmwarePrepareFields.parse({
      goal: GOAL,
      vault: { id: vaultArmId },
      source: { site: nameAfter(itemIds[0] ?? '', 'replicationFabrics') || 'none' },
      target: { region, ...(subscription === '' ? {} : { subscription }) },
      vms: itemIds,
    });
  },
  // Network interfaces can only change after the protection of the item.
  needsUpdate: ({ nics }) => nics.length > 0,
};

/** A configuration server keeps recovery points for a shorter time than an appliance. */
function classicRefusals(facts: AzureFacts, request: VmwarePrepareRequest) {
  const { site } = findPlaceOf(facts, request, Scenario.vmwareToAzure);
  return site?.isRetiring && request.policy.retentionHours > MAX_CLASSIC_HOURS
    ? [
        {
          code: 'RetentionTooLong',
          message:
            `The configuration server of ${site.name} keeps recovery points for ${MAX_CLASSIC_HOURS} hours ` +
            `at most; ${request.policy.retentionHours} were asked for.`,
        },
      ]
    : [];
}

/** The request with the ids of its machines. A name that fits no machine, or several, stays. */
function withMachineIds(facts: AzureFacts, request: VmwarePrepareRequest): VmwarePrepareRequest {
  const machines = findPlaceOf(facts, request, Scenario.vmwareToAzure).site?.machines ?? [];
  const idOf = (nameOrId: string): string => {
    const found = machinesNamed(machines, nameOrId);
    return found.length === 1 ? (found[0]?.id ?? nameOrId) : nameOrId;
  };
  return {
    ...request,
    vms: [...new Set(request.vms.map(idOf))],
    perVm: Object.fromEntries(Object.entries(request.perVm).map(([name, own]) => [idOf(name), own])),
  };
}
