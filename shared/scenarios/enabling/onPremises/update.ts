// Decides about changes of the target settings of a replicated machine on premises. Pure.
import { nameOf, resourceGroupOf } from '../../../core/armId.ts';
import type { AzureFacts, NetworkFacts } from '../../../azure/facts.ts';
import type { Refusal } from '../../../core/refusal.ts';
import { sameId } from '../../../siterecovery/item.ts';
import { createLookup, keyOf, type Lookup } from '../lookup.ts';
import { findNic } from '../nics.ts';
import { formatList, refuse } from '../notes.ts';
import { resourceGroupIdOf } from '../resourceNames.ts';
import type { CurrentSettings, SettingChanges, UpdateRequest, UpdateVerdict } from '../updateRequest.ts';

interface Context {
  readonly lookup: Lookup;
  readonly current: CurrentSettings;
  readonly request: UpdateRequest;
  readonly refusals: Refusal[];
  readonly changes: SettingChanges;
}

/** The settings that the scenario lacks, and its kind of machine in words. */
export interface MissingSettings {
  readonly fields: readonly (keyof UpdateRequest)[];
  readonly machines: string;
}

/** Evaluates an update of one VM with these facts. */
export function evaluateOnPremisesUpdate(
  facts: AzureFacts,
  current: CurrentSettings,
  request: UpdateRequest,
  missing: MissingSettings,
): UpdateVerdict {
  const context: Context = { lookup: createLookup(facts), current, request, refusals: [], changes: {} };
  checkFixedSettings(context, missing);
  const groupId = evaluateGroup(context);
  evaluatePlacementGroup(context, groupId);
  evaluateSet(context, groupId);
  evaluateNetwork(context);
  evaluateTestNetwork(context);
  evaluateSize(context);
  const { refusals, changes } = context;
  if (refusals.length > 0) return { verdict: 'refused', refusals, changes: {} };
  return { verdict: Object.keys(changes).length > 0 ? 'update' : 'alreadySo', refusals, changes };
}

function checkFixedSettings(context: Context, { fields, machines }: MissingSettings): void {
  const fixed = fields.filter((field) => context.request[field] !== undefined);
  if (fixed.length > 0)
    refuse(
      context,
      'SettingNotOfScenario',
      `"${fixed.join('", "')}" of ${context.current.name} cannot change: ${machines} has no such ` +
        'setting. Leave it out.',
    );
}

function evaluateGroup({ lookup, current, request, ...context }: Context): string {
  if (request.resourceGroup === undefined) return current.resourceGroupId;
  const id = resourceGroupIdOf(current.target.subscription, request.resourceGroup);
  const found = lookup.resourceGroups.get(keyOf(id));
  if (!found)
    refuse(
      context,
      'GroupUnknown',
      `The resource group ${request.resourceGroup} does not exist in the target subscription.`,
    );
  else if (!sameId(found.id, current.resourceGroupId)) context.changes.resourceGroupId = found.id;
  return found?.id ?? id;
}

function evaluatePlacementGroup({ lookup, current, request, ...context }: Context, groupId: string): void {
  const { placementGroupId: wanted } = request;
  if (wanted === null) {
    refuse(
      context,
      'PlacementGroupStays',
      `${current.name} replicates, so its proximity placement group can be changed, but not removed. Disable ` +
        'replication and enable it again without one.',
    );
    return;
  }
  const id = wanted ?? current.placementGroupId;
  if (id === null || (wanted === undefined && request.resourceGroup === undefined)) return;
  const found = lookup.placementGroups.get(keyOf(id));
  if (wanted !== undefined && current.disks.some(({ managed }) => !managed))
    refuse(
      context,
      'PlacementGroupNeedsManagedDisks',
      `${current.name} gets disks that are not managed, and so cannot be in a proximity placement group.`,
    );
  if (!found)
    refuse(
      context,
      'PlacementGroupUnknown',
      `The proximity placement group ${id} does not exist, or cannot be seen.`,
    );
  else if (found.region !== current.target.region)
    refuse(
      context,
      'PlacementGroupElsewhere',
      `The proximity placement group ${found.name} is in ${found.region}, not in ${current.target.region}.`,
    );
  else if (!sameId(resourceGroupOf(found.id), groupId))
    refuse(
      context,
      'PlacementGroupInOtherGroup',
      `The proximity placement group ${found.name} is in the resource group ` +
        `${nameOf(resourceGroupOf(found.id))}, the VM would be in ${nameOf(groupId)}.`,
    );
  else if (current.placementGroupId === null || !sameId(found.id, current.placementGroupId))
    context.changes.placementGroupId = found.id;
}

function evaluateSet({ lookup, current, request, ...context }: Context, groupId: string): void {
  const { availabilitySetId: wanted } = request;
  if (wanted === undefined) return;
  const found = lookup.availabilitySets.get(keyOf(wanted));
  if (current.availability.type !== 'set')
    refuse(
      context,
      'AvailabilityTypeFixed',
      `${current.name} is in no availability set, and this cannot change while it replicates. Disable ` +
        'replication and enable it again with the set.',
    );
  else if (!found || found.region !== current.target.region || !sameId(resourceGroupOf(found.id), groupId))
    refuse(
      context,
      'SetUnknown',
      `The availability set ${wanted} does not exist in the target region and resource group.`,
    );
  else if (!sameId(found.id, current.availability.setId)) context.changes.availabilitySetId = found.id;
}

function evaluateNetwork({ lookup, current, request, ...context }: Context): void {
  if (request.networkId === undefined && request.nics === undefined) return;
  const network = findTargetNetwork(request.networkId ?? current.networkId, { lookup, current }, context);
  if (!network) return;
  if (current.networkId === null || !sameId(network.id, current.networkId))
    context.changes.networkId = network.id;
  const nics = nicChangesOf({ current, request }, network, context);
  if (nics.length > 0) context.changes.nics = nics;
}

function findTargetNetwork(
  id: string | null,
  { lookup, current }: Pick<Context, 'lookup' | 'current'>,
  context: Pick<Context, 'refusals'>,
): NetworkFacts | undefined {
  const network = id === null ? undefined : lookup.networks.get(keyOf(id));
  if (!network)
    refuse(context, 'NetworkUnknown', `The network ${id ?? ''} does not exist, or cannot be seen.`);
  else if (
    network.region !== current.target.region ||
    !sameId(network.subscription, current.target.subscription)
  )
    refuse(
      context,
      'NetworkElsewhere',
      `The network ${network.name} is in ${network.region}; it must be in ${current.target.region}, in the ` +
        'target subscription.',
    );
  else return network;
  return undefined;
}

function evaluateTestNetwork({ lookup, current, request, ...context }: Context): void {
  if (request.testNetworkId === undefined) return;
  const network = findTargetNetwork(request.testNetworkId, { lookup, current }, context);
  if (network && !sameId(network.id, current.testNetworkId ?? '')) context.changes.testNetworkId = network.id;
}

function nicChangesOf(
  { current, request }: Pick<Context, 'current' | 'request'>,
  network: NetworkFacts,
  context: Pick<Context, 'refusals'>,
): NonNullable<SettingChanges['nics']> {
  const subnetNames = network.subnets.map(({ name }) => name);
  return (request.nics ?? []).flatMap((wanted) => {
    const nic = findNic(current, wanted.nic, context);
    if (!nic) return [];
    if (wanted.subnet !== undefined && !subnetNames.some((name) => sameId(name, wanted.subnet ?? ''))) {
      refuse(
        context,
        'SubnetUnknown',
        `The network ${network.name} has no subnet "${wanted.subnet}". Its subnets are: ${formatList(subnetNames)}.`,
      );
      return [];
    }
    const change = {
      nicId: nic.id,
      ...(wanted.subnet !== undefined && wanted.subnet !== nic.subnet && { subnet: wanted.subnet }),
      ...(wanted.address !== undefined && wanted.address !== nic.address && { address: wanted.address }),
    };
    return Object.keys(change).length > 1 ? [change] : [];
  });
}

function evaluateSize({ lookup, current, request, ...context }: Context): void {
  if (request.size === undefined) return;
  const size = lookup.findSize(current.target.region, request.size);
  if (!size || size.restricted)
    refuse(
      context,
      'SizeNotThere',
      `The target subscription cannot have the size ${request.size} in ${current.target.region}.`,
    );
  else if (!sameId(size.name, current.size)) context.changes.size = size.name;
}
