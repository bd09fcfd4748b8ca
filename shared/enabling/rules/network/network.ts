// The network that a VM gets on the target side, the subnet of each of its interfaces, and the
// mappings that remember the network.
import { groupNameOf, nameOf, subscriptionOf } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import { modelInWords, ofModel } from '../vm/classic.ts';
import type { NetworkFacts, SourceVm } from '../../../azure/facts.ts';
import type { Ground } from '../request/scope.ts';
import { targetGroup } from '../prerequisites/resourceGroups.ts';
import { isIn, isOf, key, sorted } from '../lookup.ts';
import { LONGEST, networkMappingIdOf, resourceIdOf, suffixed, TYPES } from '../prerequisites/names.ts';
import {
  choose,
  emptyNotes,
  listed,
  need,
  refuse,
  refuseToo,
  warn,
  type Notes,
  type Planned,
} from '../notes.ts';
import { fabricPart, groupPart, part } from '../prerequisites/prerequisites.ts';
import type { NicSettings } from '../../../siterecovery/vmSettings.ts';
import { tail } from '../../../core/hash.ts';

export interface NetworkChoice {
  readonly part: Planned;
  readonly nics: readonly NicSettings[];
  /** What is recorded as its counterpart. */
  readonly sourceNetworkId: string | null;
}

const primaryFirst = (vm: SourceVm) =>
  sorted(vm.nics, ({ id }) => id).sort((a, b) => Number(b.primary) - Number(a.primary));
export const primaryNic = (vm: SourceVm) => primaryFirst(vm)[0];

export const possibleNetworks = (
  ground: Pick<Ground, 'look' | 'target'>,
  vm: Pick<SourceVm, 'model'>,
): readonly NetworkFacts[] =>
  [...ground.look.networks.values()].filter(
    (one) => isIn(one, ground.target.region) && isOf(one, ground.target.subscription) && ofModel(vm)(one),
  );

const reused = (ground: Ground, network: NetworkFacts, why: string): Planned =>
  ground.once(`network ${key(network.id)} ${why}`, () => {
    const group = groupPart(ground, network.subscription, groupNameOf(network.id), network.region);
    const { region, addressPrefixes, subnets } = network;
    return part('reuse', network.id, network.name, why, [group], {
      kind: 'network',
      region,
      addressPrefixes,
      subnets: subnets.map((one) => ({ name: one.name, addressPrefixes: one.addressPrefixes })),
    });
  });

/** The mapping that the vault has for a network, towards a region. */
function mappingFrom(ground: Ground, networkId: string, from: string, to: string) {
  const recovery =
    ground.vault.facts?.fabrics.filter((one) => isIn(one, to)).map(({ name }) => key(name)) ?? [];
  const source =
    ground.vault.facts?.fabrics.filter((one) => isIn(one, from)).map(({ name }) => key(name)) ?? [];
  return sorted(ground.vault.facts?.networkMappings ?? [], ({ id }) => id).find(
    (one) =>
      sameId(one.networkId, networkId) &&
      recovery.includes(key(one.recoveryFabricName)) &&
      source.includes(key(one.fabricName)),
  );
}

export function chooseNetwork(
  ground: Ground,
  vm: SourceVm,
  wished: { readonly networkId?: string | undefined; readonly subnet?: string | undefined },
  notes: Notes,
): NetworkChoice | undefined {
  const nic = primaryNic(vm);
  const passedOver = wished.networkId === undefined ? mappedElsewhere(ground, vm, nic?.networkId) : undefined;
  const chosen =
    wished.networkId === undefined
      ? unasked(ground, vm, nic?.networkId, notes)
      : given(ground, vm, wished.networkId, notes);
  if (!chosen) return undefined;
  const nics = chooseSubnets(chosen, vm, wished.subnet, notes);
  if (!nics) return undefined;
  choose(notes, 'network', chosen.name, passedOver ? `${chosen.reason} ${passedOver}` : chosen.reason);
  if (passedOver) warn(notes, 'MappedElsewhere', passedOver);
  need(notes, chosen);
  return { part: chosen, nics, sourceNetworkId: nic?.networkId ?? null };
}

/**
 * Why the network that the vault maps the source's to is not taken; undefined where it is, or where
 * there is none.
 */
function mappedElsewhere(ground: Ground, vm: SourceVm, sourceId: string | undefined): string | undefined {
  const source = ground.look.networks.get(key(sourceId ?? ''));
  const mapping = source && mappingFrom(ground, source.id, source.region, ground.target.region);
  if (!mapping || possibleNetworks(ground, vm).some(({ id }) => sameId(id, mapping.recoveryNetworkId)))
    return undefined;
  const foreign = subscriptionOf(mapping.recoveryNetworkId) !== ground.target.subscription;
  const why = foreign
    ? `which is of the subscription ${subscriptionOf(mapping.recoveryNetworkId)} and not of the target's`
    : 'which cannot be had there';
  return (
    `The vault maps the network ${source.name} to ${nameOf(mapping.recoveryNetworkId)}, ` +
    `${why}, so that one is not taken.`
  );
}

function given(ground: Ground, vm: SourceVm, id: string, notes: Notes): Planned | false {
  const there = ground.look.networks.get(key(id));
  const instead =
    `Name one of ${ground.target.region}: ` + `${listed(possibleNetworks(ground, vm).map((one) => one.id))}.`;
  if (!there)
    return refuse(notes, 'NetworkUnknown', `The network ${id} does not exist, or cannot be seen. ${instead}`);
  if (!isIn(there, ground.target.region))
    return refuse(
      notes,
      'NetworkElsewhere',
      `The network ${there.name} is in ${there.region}, not in the target region. ${instead}`,
    );
  if (!isOf(there, ground.target.subscription))
    return refuse(
      notes,
      'NetworkElsewhere',
      `The network ${there.name} is of the subscription ${there.subscription}, not of the ` +
        `target's. ${instead}`,
    );
  if (!ofModel(vm)(there))
    return refuse(
      notes,
      'NetworkOfOtherModel',
      `The network ${there.name} is not of ${modelInWords(vm)}, as the VM is. ${instead}`,
    );
  return reused(ground, there, 'It was asked for.');
}

/** The one that the source network is mapped to, else `-asr`. */
function unasked(ground: Ground, vm: SourceVm, sourceId: string | undefined, notes: Notes): Planned | false {
  const source = sourceId === undefined ? undefined : ground.look.networks.get(key(sourceId));
  if (!source) {
    const why =
      sourceId === undefined
        ? 'The VM has no network interface that can be seen.'
        : `The network ${sourceId} of the VM does not exist, or cannot be seen.`;
    return refuse(notes, 'SourceNetworkUnknown', `${why} Name the target network: "networkId".`);
  }
  const mapping = mappingFrom(ground, source.id, ground.source.region, ground.target.region);
  const mapped = mapping && ground.look.networks.get(key(mapping.recoveryNetworkId));
  if (mapped && possibleNetworks(ground, vm).includes(mapped))
    return reused(ground, mapped, `The vault maps the network ${source.name} to it.`);
  const found = ground.once(`own network ${key(source.id)}`, () => {
    const own = emptyNotes();
    return {
      part:
        vm.model === 'classic' ? classicNetwork(ground, vm, source, own) : ownNetwork(ground, source, own),
      refusals: own.refusals,
    };
  });
  refuseToo(notes, found.refusals);
  return found.part;
}

function classicNetwork(ground: Ground, vm: SourceVm, source: NetworkFacts, notes: Notes): Planned | false {
  const name = suffixed(source.name, LONGEST.network);
  const possible = possibleNetworks(ground, vm);
  const there = possible.find((one) => sameId(one.name, name));
  if (there)
    return reused(ground, there, "By default the source network's name with the suffix -asr; it exists.");
  return refuse(
    notes,
    'NetworkMissing',
    `In ${ground.target.region} there is no classic network ${name}, and Azure makes no new ` +
      `ones. Name another in "networkId", one of: ${listed(possible.map(({ id }) => id))}.`,
  );
}

function ownNetwork(ground: Ground, source: NetworkFacts, notes: Notes): Planned | false {
  const group = targetGroup(ground, ground.wish.target.resourceGroup, groupNameOf(source.id), notes);
  if (!group) return false;
  const name = nameFor(ground, source, group.part.id);
  const id = resourceIdOf(group.part.id, TYPES.network, name);
  const there = ground.look.networks.get(key(id));
  if (there)
    return reused(
      ground,
      there,
      `By default the source network's name with the suffix -asr; it exists and is reused.`,
    );
  return part(
    'create',
    id,
    name,
    `By default a new network like ${source.name}, its name with the suffix -asr.`,
    [group.part],
    {
      kind: 'network',
      region: ground.target.region,
      addressPrefixes: source.addressPrefixes,
      subnets: source.subnets.map((one) => ({ name: one.name, addressPrefixes: one.addressPrefixes })),
    },
  );
}

/**
 * Two source networks may have one name, when one group takes them both; and a name may be held in
 * another region.
 */
function nameFor(ground: Ground, source: NetworkFacts, groupId: string): string {
  const name = suffixed(source.name, LONGEST.network);
  const other = ground.look.networks.get(key(resourceIdOf(groupId, TYPES.network, name)));
  const first = [...ground.look.networks.values()].find(
    (one) => sameId(one.name, source.name) && isIn(one, source.region) && isOf(one, source.subscription),
  );
  const shared = ground.wish.target.resourceGroup !== undefined && first?.id !== source.id;
  return shared || (other && !isIn(other, ground.target.region))
    ? suffixed(`${source.name.slice(0, LONGEST.network - 11)}-${tail(source.id)}`, LONGEST.network)
    : name;
}

/**
 * Each interface gets the subnet of its own one's name. A subnet that is named is the primary
 * interface's.
 */
function chooseSubnets(
  network: Planned,
  vm: SourceVm,
  wished: string | undefined,
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
  const own = (wanted: string): string | undefined => names.find((name) => sameId(name, wanted));
  if (wished !== undefined && own(wished) === undefined)
    return refuse(
      notes,
      'SubnetUnknown',
      `The network ${network.name} has no subnet "${wished}". Name one of: ${listed(names)}.`,
    );
  const nics = primaryFirst(vm);
  if (wished !== undefined && nics.length === 0)
    return refuse(
      notes,
      'NicUnknown',
      'The VM has no network interface that can be seen, so none can get a subnet. Leave the subnet out.',
    );
  return nics.map(({ id, name, subnet: sourceSubnet }, at) => {
    const asked = at === 0 ? wished : undefined;
    const same = own(asked ?? sourceSubnet);
    const why =
      asked !== undefined
        ? 'It was asked for.'
        : same !== undefined
          ? 'It has the same name as the subnet of the source.'
          : `The network has no subnet ${sourceSubnet ? `"${sourceSubnet}"` : 'of the same name'}, ` +
            'so the first one is taken.';
    const subnet = same ?? first;
    choose(notes, nics.length === 1 ? 'subnet' : `subnet of ${name}`, subnet, why);
    return { id, name, primary: at === 0, sourceSubnet, subnet, address: null };
  });
}

/** A mapping for later protections of the network; one that is there stands, wherever it leads. */
export function networkMappingPart(
  ground: Ground,
  from: { readonly id: string; readonly region: string },
  to: { readonly id: string; readonly region: string },
  needs: readonly Planned[],
): Planned {
  const there = mappingFrom(ground, from.id, from.region, to.region);
  const fabric = fabricPart(ground, from.region);
  const recovery = fabricPart(ground, to.region);
  const needed = [fabric, recovery, ...needs];
  if (there) {
    const spec = {
      kind: 'networkMapping',
      networkId: there.networkId,
      recoveryNetworkId: there.recoveryNetworkId,
      recoveryFabricName: there.recoveryFabricName,
    } as const;
    return part(
      'reuse',
      there.id,
      there.name,
      `The vault maps ${nameOf(from.id)} to ${nameOf(there.recoveryNetworkId)}.`,
      [fabric, recovery],
      spec,
    );
  }
  const name = `${nameOf(from.id).slice(0, 30)}-to-${nameOf(to.id).slice(0, 30)}-${tail(`${from.id} ${to.id}`)}`;
  return part(
    'create',
    networkMappingIdOf(fabric.id, name),
    name,
    `Later protections of ${nameOf(from.id)} use ${nameOf(to.id)} too.`,
    needed,
    {
      kind: 'networkMapping',
      networkId: from.id,
      recoveryNetworkId: to.id,
      recoveryFabricName: recovery.name,
    },
  );
}
