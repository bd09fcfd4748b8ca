// Network, subnets and addresses of a VM that replicates already.
import { isOfOtherSubscription } from '../../../core/armId.ts';
import { sameId } from '../../../siterecovery/item.ts';
import { reservedIn } from '../network/addresses.ts';
import type { NetworkFacts } from '../../../azure/facts.ts';
import { isIn, isOf, key } from '../lookup.ts';
import { listed, refuse } from '../notes.ts';
import type { Case } from './updateCase.ts';

type NicChange = NonNullable<Case['changes']['nics']>[number];

export function judgeNetworks(one: Case): void {
  const { wish, present, changes } = one;
  const network = judgeNetwork(one, wish.networkId, 'networkId');
  const testNetwork = judgeNetwork(one, wish.testNetworkId, 'testNetworkId');
  if (network && !(present.networkId !== null && sameId(network.id, present.networkId)))
    changes.networkId = network.id;
  if (testNetwork && !(present.testNetworkId !== null && sameId(testNetwork.id, present.testNetworkId)))
    changes.testNetworkId = testNetwork.id;
  judgeNics(one, network ?? presentNetwork(one));
  if (changes.networkId !== undefined && network) judgeOtherNics(one, network);
}

/** One of another subscription can be left, and nothing else. */
function presentNetwork(one: Case): NetworkFacts | undefined {
  const { look, present, wish } = one;
  if (wish.nics && isOfOtherSubscription(present.networkId, present.resourceGroupId)) {
    refuse(
      one,
      'NetworkElsewhere',
      `${present.name} goes to the network ${present.networkId ?? ''}, which is of another ` +
        'subscription than its resource group. Name a "networkId" of the subscription ' +
        `${present.target.subscription} too.`,
    );
  }
  return look.networks.get(key(present.networkId ?? ''));
}

/**
 * Interfaces of which nothing is said move to the new network too: each to the subnet of its own
 * one's name, and none keeps an address that is not there.
 */
function judgeOtherNics(one: Case, network: NetworkFacts): void {
  const { wish, present, changes } = one;
  const moved = present.nics
    .filter(({ id }) => !wish.nics?.some(({ nicId }) => sameId(nicId, id)))
    .flatMap(({ id, subnet, address }): NicChange[] => {
      const there = judgeSubnet(one, network, undefined, subnet);
      if (address !== null) judgeAddress(one, there, address, id);
      return there && !sameId(there.name, subnet) ? [{ nicId: id, subnet: there.name }] : [];
    });
  if (moved.length > 0) changes.nics = [...(changes.nics ?? []), ...moved];
}

function judgeNetwork(one: Case, id: string | undefined, what: string): NetworkFacts | undefined {
  if (id === undefined) return undefined;
  const { look, present } = one;
  const there = look.networks.get(key(id));
  const possible = [...look.networks.values()].filter(
    (other) => isIn(other, present.target.region) && isOf(other, present.target.subscription),
  );
  const instead = `Name one of ${present.target.region}: ${listed(possible.map((other) => other.id))}.`;
  if (!there)
    refuse(
      one,
      'NetworkUnknown',
      `The network ${id} ("${what}") does not exist, or cannot be seen. ${instead}`,
    );
  else if (!possible.includes(there))
    refuse(
      one,
      'NetworkElsewhere',
      `The network ${there.name} ("${what}") is in ${there.region}, subscription ` +
        `${there.subscription}; the target is ${present.target.region}, subscription ` +
        `${present.target.subscription}. ${instead}`,
    );
  else if (there.subnets.length === 0)
    refuse(
      one,
      'NoSubnet',
      `The network ${there.name} ("${what}") has no subnet. Add one, or name another network.`,
    );
  return there;
}

function judgeNics(one: Case, network: NetworkFacts | undefined): void {
  const { wish, present, changes } = one;
  const known = listed(present.nics.map(({ id }) => id).sort());
  const nics = (wish.nics ?? []).flatMap((wished, at, all) => {
    const nic = present.nics.find(({ id }) => sameId(id, wished.nicId));
    if (!nic) {
      refuse(
        one,
        'NicUnknown',
        `${present.name} has no network interface ${wished.nicId}. It has: ${known}.`,
      );
      return [];
    }
    if (all.findIndex((other) => sameId(other.nicId, wished.nicId)) !== at)
      refuse(
        one,
        'NicNamedTwice',
        `The network interface ${wished.nicId} is named twice. Say everything of it once.`,
      );
    const subnet = judgeSubnet(one, network, wished.subnet, nic.subnet);
    if (typeof wished.address === 'string') judgeAddress(one, subnet, wished.address, nic.id);
    // In another network its own subnet may be missing: then it goes to the first one, and that is said.
    const meant =
      changes.networkId === undefined ? wished.subnet && (subnet?.name ?? wished.subnet) : subnet?.name;
    const change: NicChange = {
      nicId: nic.id,
      ...(meant !== undefined && !sameId(meant, nic.subnet) && { subnet: meant }),
      ...(wished.address !== undefined && wished.address !== nic.address && { address: wished.address }),
    };
    return Object.keys(change).length > 1 ? [change] : [];
  });
  if (nics.length > 0) changes.nics = nics;
}

function judgeSubnet(
  one: Case,
  network: NetworkFacts | undefined,
  wished: string | undefined,
  present: string,
) {
  if (!network) {
    if (wished !== undefined)
      refuse(
        one,
        'NetworkUnknown',
        `The target network of ${one.present.name} is not known, so "${wished}" cannot be found ` +
          'in it. Name "networkId" too.',
      );
    return undefined;
  }
  const subnet =
    network.subnets.find(({ name }) => sameId(name, wished ?? present)) ??
    (wished === undefined ? network.subnets[0] : undefined);
  if (!subnet)
    refuse(
      one,
      'SubnetUnknown',
      `The network ${network.name} has no subnet "${wished ?? present}". Name one of: ` +
        `${listed(network.subnets.map(({ name }) => name))}.`,
    );
  return subnet;
}

function judgeAddress(
  one: Case,
  subnet: NetworkFacts['subnets'][number] | undefined,
  address: string,
  nicId: string,
): void {
  const { wish, present } = one;
  if (subnet && subnet.addressPrefixes.every((prefix) => reservedIn(prefix, address) !== 'free')) {
    refuse(
      one,
      'AddressNotInSubnet',
      `${address} cannot be had in the subnet ${subnet.name} ` +
        `(${subnet.addressPrefixes.join(', ')}): it lies outside, or is one of the first four or ` +
        'the last, which Azure keeps. Name another, or null for whatever is free.',
    );
  }
  const others = present.nics
    .filter(({ id }) => !sameId(id, nicId))
    .map(({ id, address: has }) => {
      const wished = wish.nics?.find((other) => sameId(other.nicId, id))?.address;
      return wished === undefined ? has : wished;
    });
  if (others.includes(address))
    refuse(
      one,
      'AddressTwice',
      `${address} would belong to two network interfaces of ${present.name}. Give each its own.`,
    );
  const holder = present.addresses?.find(
    (other) =>
      other.address === address && sameId(other.networkId, one.changes.networkId ?? present.networkId ?? ''),
  );
  if (holder)
    refuse(
      one,
      'AddressTwice',
      `${address} is the address that ${holder.vm} is to have on that network. Give each its own.`,
    );
}
