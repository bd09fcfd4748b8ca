// Chooses the target network of a VM, the subnet of each interface and the network mappings in the
// vault. Pure.
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../../../../core/armId.ts';
import { sameId } from '../../../../siterecovery/item.ts';
import { modelText, isOfSameModel } from '../vm/classic.ts';
import type { NetworkFacts, SourceVm } from '../../../../azure/facts.ts';
import type { RequestScope } from '../request/requestScope.ts';
import { targetResourceGroup } from '../prerequisites/resourceGroups.ts';
import { isInRegion, isInSubscription, keyOf, sortBy } from '../../../enabling/lookup.ts';
import {
  MAX_NAME_LENGTHS,
  networkMappingIdOf,
  resourceIdOf,
  withAsrSuffix,
  RESOURCE_TYPES,
} from '../../../enabling/resourceNames.ts';
import {
  recordChoice,
  emptyNotes,
  formatList,
  suggestOneOf,
  addPrerequisite,
  refuse,
  copyRefusals,
  warn,
  type Notes,
  type PlannedPrerequisite,
} from '../../../enabling/notes.ts';
import {
  fabricPrerequisite,
  resourceGroupPrerequisite,
  planPrerequisite,
} from '../prerequisites/prerequisites.ts';
import type { NicSettings } from '../../../../siterecovery/vmSettings.ts';
import { shortHash } from '../../../../core/hash.ts';

/** The chosen network with the settings of all interfaces. */
export interface NetworkChoice {
  readonly prerequisite: PlannedPrerequisite;
  readonly nics: readonly NicSettings[];
  /** The source network of the mapping; null when the VM has no visible interface. */
  readonly sourceNetworkId: string | null;
}

const nicsPrimaryFirst = (vm: SourceVm) =>
  sortBy(vm.nics, ({ id }) => id).sort((a, b) => Number(b.primary) - Number(a.primary));
/** The primary network interface of a VM. */
export const primaryNic = (vm: SourceVm) => nicsPrimaryFirst(vm)[0];

/** The networks that a VM can use on the target side. */
export const possibleNetworks = (
  scope: Pick<RequestScope, 'lookup' | 'target'>,
  vm: Pick<SourceVm, 'model'>,
): readonly NetworkFacts[] =>
  [...scope.lookup.networks.values()].filter(
    (network) =>
      isInRegion(network, scope.target.region) &&
      isInSubscription(network, scope.target.subscription) &&
      isOfSameModel(vm)(network),
  );

const reuseNetwork = (scope: RequestScope, network: NetworkFacts, reason: string): PlannedPrerequisite =>
  scope.computeOnce(`network ${keyOf(network.id)} ${reason}`, () => {
    const group = resourceGroupPrerequisite(
      scope,
      network.subscription,
      resourceGroupNameOf(network.id),
      network.region,
    );
    const { region, addressPrefixes, subnets } = network;
    return planPrerequisite('reuse', network.id, network.name, reason, [group], {
      kind: 'network',
      region,
      addressPrefixes,
      subnets: subnets.map((subnet) => ({ name: subnet.name, addressPrefixes: subnet.addressPrefixes })),
    });
  });

/** The mapping of a network in the vault, towards a region. */
function findNetworkMapping(scope: RequestScope, networkId: string, from: string, to: string) {
  const recoveryFabrics =
    scope.vault.facts?.fabrics.filter((fabric) => isInRegion(fabric, to)).map(({ name }) => keyOf(name)) ??
    [];
  const sourceFabrics =
    scope.vault.facts?.fabrics.filter((fabric) => isInRegion(fabric, from)).map(({ name }) => keyOf(name)) ??
    [];
  return sortBy(scope.vault.facts?.networkMappings ?? [], ({ id }) => id).find(
    (mapping) =>
      sameId(mapping.networkId, networkId) &&
      recoveryFabrics.includes(keyOf(mapping.recoveryFabricName)) &&
      sourceFabrics.includes(keyOf(mapping.fabricName)),
  );
}

/** Chooses the target network and the subnets of a VM. Undefined after a refusal. */
export function chooseNetwork(
  scope: RequestScope,
  vm: SourceVm,
  requested: { readonly networkId?: string | undefined; readonly subnet?: string | undefined },
  notes: Notes,
): NetworkChoice | undefined {
  const nic = primaryNic(vm);
  const ignoredReason =
    requested.networkId === undefined ? ignoredMappingReason(scope, vm, nic?.networkId) : undefined;
  const chosen =
    requested.networkId === undefined
      ? defaultNetwork(scope, vm, nic?.networkId, notes)
      : requestedNetwork(scope, vm, requested.networkId, notes);
  if (!chosen) return undefined;
  const nics = chooseSubnets(chosen, vm, requested.subnet, notes);
  if (!nics) return undefined;
  recordChoice(
    notes,
    'network',
    chosen.name,
    ignoredReason ? `${chosen.reason} ${ignoredReason}` : chosen.reason,
  );
  if (ignoredReason) warn(notes, 'MappedElsewhere', ignoredReason);
  addPrerequisite(notes, chosen);
  return { prerequisite: chosen, nics, sourceNetworkId: nic?.networkId ?? null };
}

/**
 * The reason why the mapped network of the source is not usable. Undefined when it is usable, or
 * when there is no mapping.
 */
function ignoredMappingReason(
  scope: RequestScope,
  vm: SourceVm,
  sourceId: string | undefined,
): string | undefined {
  const source = scope.lookup.networks.get(keyOf(sourceId ?? ''));
  const mapping = source && findNetworkMapping(scope, source.id, source.region, scope.target.region);
  if (!mapping || possibleNetworks(scope, vm).some(({ id }) => sameId(id, mapping.recoveryNetworkId)))
    return undefined;
  const isOtherSubscription = subscriptionOf(mapping.recoveryNetworkId) !== scope.target.subscription;
  const reason = isOtherSubscription
    ? `which is in the subscription ${subscriptionOf(mapping.recoveryNetworkId)} and not in the target's`
    : 'which cannot be had there';
  return (
    `The vault maps the network ${source.name} to ${nameOf(mapping.recoveryNetworkId)}, ` +
    `${reason}, so that one is not taken.`
  );
}

function requestedNetwork(
  scope: RequestScope,
  vm: SourceVm,
  id: string,
  notes: Notes,
): PlannedPrerequisite | false {
  const existing = scope.lookup.networks.get(keyOf(id));
  const suggestion = suggestOneOf(
    possibleNetworks(scope, vm).map((network) => network.id),
    scope.target.region,
  );
  if (!existing)
    return refuse(
      notes,
      'NetworkUnknown',
      `The network ${id} does not exist, or cannot be seen. ${suggestion}`,
    );
  if (!isInRegion(existing, scope.target.region))
    return refuse(
      notes,
      'NetworkElsewhere',
      `The network ${existing.name} is in ${existing.region}, not in the target region. ${suggestion}`,
    );
  if (!isInSubscription(existing, scope.target.subscription))
    return refuse(
      notes,
      'NetworkElsewhere',
      `The network ${existing.name} is of the subscription ${existing.subscription}, not of the ` +
        `target's. ${suggestion}`,
    );
  if (!isOfSameModel(vm)(existing))
    return refuse(
      notes,
      'NetworkOfOtherModel',
      `The network ${existing.name} is not of ${modelText(vm)}, as the VM is. ${suggestion}`,
    );
  return reuseNetwork(scope, existing, 'It was asked for.');
}

/** The mapped network of the source network, or else a network with the suffix `-asr`. */
function defaultNetwork(
  scope: RequestScope,
  vm: SourceVm,
  sourceId: string | undefined,
  notes: Notes,
): PlannedPrerequisite | false {
  const source = sourceId === undefined ? undefined : scope.lookup.networks.get(keyOf(sourceId));
  if (!source) {
    const reason =
      sourceId === undefined
        ? 'The VM has no network interface that can be seen.'
        : `The network ${sourceId} of the VM does not exist, or cannot be seen.`;
    return refuse(notes, 'SourceNetworkUnknown', `${reason} Name the target network: "networkId".`);
  }
  const mapping = findNetworkMapping(scope, source.id, scope.source.region, scope.target.region);
  const mapped = mapping && scope.lookup.networks.get(keyOf(mapping.recoveryNetworkId));
  if (mapped && possibleNetworks(scope, vm).includes(mapped))
    return reuseNetwork(scope, mapped, `The vault maps the network ${source.name} to it.`);
  const result = scope.computeOnce(`own network ${keyOf(source.id)}`, () => {
    const networkNotes = emptyNotes();
    return {
      prerequisite:
        vm.model === 'classic'
          ? existingClassicNetwork(scope, vm, source, networkNotes)
          : mirroredNetwork(scope, source, networkNotes),
      refusals: networkNotes.refusals,
    };
  });
  copyRefusals(notes, result.refusals);
  return result.prerequisite;
}

function existingClassicNetwork(
  scope: RequestScope,
  vm: SourceVm,
  source: NetworkFacts,
  notes: Notes,
): PlannedPrerequisite | false {
  const name = withAsrSuffix(source.name, MAX_NAME_LENGTHS.network);
  const possible = possibleNetworks(scope, vm);
  const existing = possible.find((network) => sameId(network.name, name));
  if (existing)
    return reuseNetwork(
      scope,
      existing,
      "By default the source network's name with the suffix -asr; it exists.",
    );
  return refuse(
    notes,
    'NetworkMissing',
    `In ${scope.target.region} there is no classic network ${name}, and Azure makes no new ` +
      `ones. Name another in "networkId", one of: ${formatList(possible.map(({ id }) => id))}.`,
  );
}

function mirroredNetwork(
  scope: RequestScope,
  source: NetworkFacts,
  notes: Notes,
): PlannedPrerequisite | false {
  const group = targetResourceGroup(
    scope,
    scope.request.target.resourceGroup,
    resourceGroupNameOf(source.id),
    notes,
  );
  if (!group) return false;
  const name = mirroredNetworkName(scope, source, group.prerequisite.id);
  const id = resourceIdOf(group.prerequisite.id, RESOURCE_TYPES.network, name);
  const existing = scope.lookup.networks.get(keyOf(id));
  if (existing)
    return reuseNetwork(
      scope,
      existing,
      `By default the source network's name with the suffix -asr; it exists and is reused.`,
    );
  return planPrerequisite(
    'create',
    id,
    name,
    `By default a new network like ${source.name}, its name with the suffix -asr.`,
    [group.prerequisite],
    {
      kind: 'network',
      region: scope.target.region,
      addressPrefixes: source.addressPrefixes,
      subnets: source.subnets.map((subnet) => ({
        name: subnet.name,
        addressPrefixes: subnet.addressPrefixes,
      })),
    },
  );
}

/**
 * Two source networks may share a name in one target group, and another region may already use the
 * name.
 */
function mirroredNetworkName(scope: RequestScope, source: NetworkFacts, groupId: string): string {
  const name = withAsrSuffix(source.name, MAX_NAME_LENGTHS.network);
  const other = scope.lookup.networks.get(keyOf(resourceIdOf(groupId, RESOURCE_TYPES.network, name)));
  const first = [...scope.lookup.networks.values()].find(
    (network) =>
      sameId(network.name, source.name) &&
      isInRegion(network, source.region) &&
      isInSubscription(network, source.subscription),
  );
  const shared = scope.request.target.resourceGroup !== undefined && first?.id !== source.id;
  return shared || (other && !isInRegion(other, scope.target.region))
    ? withAsrSuffix(
        `${source.name.slice(0, MAX_NAME_LENGTHS.network - 11)}-${shortHash(source.id)}`,
        MAX_NAME_LENGTHS.network,
      )
    : name;
}

/**
 * Each interface gets the subnet with the name of its source subnet. A requested subnet applies to
 * the primary interface only.
 */
function chooseSubnets(
  network: PlannedPrerequisite,
  vm: SourceVm,
  requested: string | undefined,
  notes: Notes,
): readonly NicSettings[] | false {
  const names = network.spec.kind === 'network' ? network.spec.subnets.map(({ name }) => name) : [];
  const [first] = names;
  if (first === undefined)
    return refuse(
      notes,
      'NoSubnet',
      `The network ${network.name} has no subnet. Add one, or name another network.`,
    );
  const findSubnet = (wanted: string): string | undefined => names.find((name) => sameId(name, wanted));
  if (requested !== undefined && findSubnet(requested) === undefined)
    return refuse(
      notes,
      'SubnetUnknown',
      `The network ${network.name} has no subnet "${requested}". ${suggestOneOf(names)}`,
    );
  const nics = nicsPrimaryFirst(vm);
  if (requested !== undefined && nics.length === 0)
    return refuse(
      notes,
      'NicUnknown',
      'The VM has no network interface that can be seen, so none can get a subnet. Leave the subnet out.',
    );
  return nics.map(({ id, name, subnet: sourceSubnet }, index) => {
    const requestedSubnet = index === 0 ? requested : undefined;
    const matching = findSubnet(requestedSubnet ?? sourceSubnet);
    const reason =
      requestedSubnet !== undefined
        ? 'It was asked for.'
        : matching !== undefined
          ? 'It has the same name as the subnet of the source.'
          : `The network has no subnet ${sourceSubnet ? `"${sourceSubnet}"` : 'of the same name'}, ` +
            'so the first one is taken.';
    const subnet = matching ?? first;
    recordChoice(notes, nics.length === 1 ? 'subnet' : `subnet of ${name}`, subnet, reason);
    return { id, name, primary: index === 0, sourceSubnet, subnet, address: null };
  });
}

/**
 * Plans a mapping for later protections of the network. An existing mapping stays, even with
 * another target.
 */
export function networkMappingPrerequisite(
  scope: RequestScope,
  from: { readonly id: string; readonly region: string },
  to: { readonly id: string; readonly region: string },
  dependsOn: readonly PlannedPrerequisite[],
): PlannedPrerequisite {
  const existing = findNetworkMapping(scope, from.id, from.region, to.region);
  const fabric = fabricPrerequisite(scope, from.region);
  const recoveryFabric = fabricPrerequisite(scope, to.region);
  const prerequisites = [fabric, recoveryFabric, ...dependsOn];
  if (existing) {
    const spec = {
      kind: 'networkMapping',
      networkId: existing.networkId,
      recoveryNetworkId: existing.recoveryNetworkId,
      recoveryFabricName: existing.recoveryFabricName,
    } as const;
    return planPrerequisite(
      'reuse',
      existing.id,
      existing.name,
      `The vault maps ${nameOf(from.id)} to ${nameOf(existing.recoveryNetworkId)}.`,
      [fabric, recoveryFabric],
      spec,
    );
  }
  const name = `${nameOf(from.id).slice(0, 30)}-to-${nameOf(to.id).slice(0, 30)}-${shortHash(`${from.id} ${to.id}`)}`;
  return planPrerequisite(
    'create',
    networkMappingIdOf(fabric.id, name),
    name,
    `Later protections of ${nameOf(from.id)} use ${nameOf(to.id)} too.`,
    prerequisites,
    {
      kind: 'networkMapping',
      networkId: from.id,
      recoveryNetworkId: to.id,
      recoveryFabricName: recoveryFabric.name,
    },
  );
}
