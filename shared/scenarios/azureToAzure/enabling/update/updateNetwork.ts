// Checks changes of the network, the subnets and the addresses of a replicated VM. Pure.
import { areInDifferentSubscriptions, nameOf } from '../../../../core/armId.ts';
import { sameId } from '../../../../siterecovery/item.ts';
import { addressStateIn } from '../../../enabling/addressRanges.ts';
import type { NetworkFacts } from '../../../../azure/facts.ts';
import { isInRegion, isInSubscription, keyOf } from '../../../enabling/lookup.ts';
import { findNic, isNamedNic } from '../../../enabling/nics.ts';
import { suggestOneOf, refuse } from '../../../enabling/notes.ts';
import type { UpdateContext } from './updateContext.ts';

type NicChange = NonNullable<UpdateContext['changes']['nics']>[number];

/** Checks the network settings of an update. */
export function evaluateNetworks(context: UpdateContext): void {
  const { request, current, changes } = context;
  const network = checkNetwork(context, request.networkId, 'networkId');
  const testNetwork = checkNetwork(context, request.testNetworkId, 'testNetworkId');
  if (network && !(current.networkId !== null && sameId(network.id, current.networkId)))
    changes.networkId = network.id;
  if (testNetwork && !(current.testNetworkId !== null && sameId(testNetwork.id, current.testNetworkId)))
    changes.testNetworkId = testNetwork.id;
  evaluateNics(context, network ?? currentNetwork(context));
  if (changes.networkId !== undefined && network) evaluateOtherNics(context, network);
}

/**
 * The current target network. A network in another subscription must change before any other
 * network setting.
 */
function currentNetwork(context: UpdateContext): NetworkFacts | undefined {
  const { lookup, current, request } = context;
  if (request.nics && areInDifferentSubscriptions(current.networkId, current.resourceGroupId)) {
    refuse(
      context,
      'NetworkElsewhere',
      `${current.name} goes to the network ${current.networkId ?? ''}, which is of another ` +
        'subscription than its resource group. Name a "networkId" of the subscription ' +
        `${current.target.subscription} too.`,
    );
  }
  return lookup.networks.get(keyOf(current.networkId ?? ''));
}

/**
 * Interfaces without their own change also move to the new network. Each gets the subnet with its
 * own subnet name, and must not keep a missing address.
 */
function evaluateOtherNics(context: UpdateContext, network: NetworkFacts): void {
  const { request, current, changes } = context;
  const moved = current.nics
    .filter(({ id }) => !request.nics?.some(({ nic }) => isNamedNic(id, nic)))
    .flatMap(({ id, subnet, address }): NicChange[] => {
      const newSubnet = checkSubnet(context, network, undefined, subnet);
      if (address !== null) checkAddress(context, newSubnet, address, id);
      return newSubnet && !sameId(newSubnet.name, subnet) ? [{ nicId: id, subnet: newSubnet.name }] : [];
    });
  if (moved.length > 0) changes.nics = [...(changes.nics ?? []), ...moved];
}

function checkNetwork(
  context: UpdateContext,
  id: string | undefined,
  field: string,
): NetworkFacts | undefined {
  if (id === undefined) return undefined;
  const { lookup, current } = context;
  const existing = lookup.networks.get(keyOf(id));
  const possible = [...lookup.networks.values()].filter(
    (other) =>
      isInRegion(other, current.target.region) && isInSubscription(other, current.target.subscription),
  );
  const suggestion = suggestOneOf(
    possible.map((other) => other.id),
    current.target.region,
  );
  if (!existing)
    refuse(
      context,
      'NetworkUnknown',
      `The network ${id} ("${field}") does not exist, or cannot be seen. ${suggestion}`,
    );
  else if (!possible.includes(existing))
    refuse(
      context,
      'NetworkElsewhere',
      `The network ${existing.name} ("${field}") is in ${existing.region}, subscription ` +
        `${existing.subscription}; the target is ${current.target.region}, subscription ` +
        `${current.target.subscription}. ${suggestion}`,
    );
  else if (existing.subnets.length === 0)
    refuse(
      context,
      'NoSubnet',
      `The network ${existing.name} ("${field}") has no subnet. Add one, or name another network.`,
    );
  return existing;
}

function evaluateNics(context: UpdateContext, network: NetworkFacts | undefined): void {
  const { request, current, changes } = context;
  const named = new Set<string>();
  const nics = (request.nics ?? []).flatMap((requested) => {
    const nic = findNic(current, requested.nic, context);
    if (!nic) return [];
    if (named.has(nic.id))
      refuse(
        context,
        'NicNamedTwice',
        `The network interface ${nameOf(nic.id)} of ${current.name} is named twice. Say everything of it once.`,
      );
    named.add(nic.id);
    const subnet = checkSubnet(context, network, requested.subnet, nic.subnet);
    if (typeof requested.address === 'string') checkAddress(context, subnet, requested.address, nic.id);
    // The new network may lack the subnet. The interface then goes to the first subnet, and the
    // change says so.
    const newSubnet =
      changes.networkId === undefined ? requested.subnet && (subnet?.name ?? requested.subnet) : subnet?.name;
    const change: NicChange = {
      nicId: nic.id,
      ...(newSubnet !== undefined && !sameId(newSubnet, nic.subnet) && { subnet: newSubnet }),
      ...(requested.address !== undefined &&
        requested.address !== nic.address && { address: requested.address }),
    };
    return Object.keys(change).length > 1 ? [change] : [];
  });
  if (nics.length > 0) changes.nics = nics;
}

function checkSubnet(
  context: UpdateContext,
  network: NetworkFacts | undefined,
  requested: string | undefined,
  currentName: string,
) {
  if (!network) {
    if (requested !== undefined)
      refuse(
        context,
        'NetworkUnknown',
        `The target network of ${context.current.name} is not known, so "${requested}" cannot be found ` +
          'in it. Name "networkId" too.',
      );
    return undefined;
  }
  const subnet =
    network.subnets.find(({ name }) => sameId(name, requested ?? currentName)) ??
    (requested === undefined ? network.subnets[0] : undefined);
  if (!subnet)
    refuse(
      context,
      'SubnetUnknown',
      `The network ${network.name} has no subnet "${requested ?? currentName}". ` +
        suggestOneOf(network.subnets.map(({ name }) => name)),
    );
  return subnet;
}

function checkAddress(
  context: UpdateContext,
  subnet: NetworkFacts['subnets'][number] | undefined,
  address: string,
  nicId: string,
): void {
  const { request, current } = context;
  if (subnet && subnet.addressPrefixes.every((prefix) => addressStateIn(prefix, address) !== 'free')) {
    refuse(
      context,
      'AddressNotInSubnet',
      `${address} cannot be had in the subnet ${subnet.name} ` +
        `(${subnet.addressPrefixes.join(', ')}): it lies outside, or is one of the first four or ` +
        'the last, which Azure reserves. Name another, or null for any free address.',
    );
  }
  const otherAddresses = current.nics
    .filter(({ id }) => !sameId(id, nicId))
    .map(({ id, address: currentAddress }) => {
      const requested = request.nics?.find(({ nic }) => isNamedNic(id, nic))?.address;
      return requested === undefined ? currentAddress : requested;
    });
  if (otherAddresses.includes(address))
    refuse(
      context,
      'AddressTwice',
      `${address} would belong to two network interfaces of ${current.name}. Give each its own.`,
    );
  const otherVm = current.addresses?.find(
    (other) =>
      other.address === address &&
      sameId(other.networkId, context.changes.networkId ?? current.networkId ?? ''),
  );
  if (otherVm)
    refuse(
      context,
      'AddressTwice',
      `${address} is already the configured address of ${otherVm.vm} on that network. Give each its own.`,
    );
}
