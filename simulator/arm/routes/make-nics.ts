// Network interfaces and public addresses as somebody makes them, in their simplest form: one
// configuration, one address.

import * as z from 'zod';

import type { Answer } from '../../wire/exchange.ts';
import { armError, invalidRequest } from '../answers.ts';
import { textOf } from '../build/common.ts';
import { nicResource, publicAddressResource } from '../build/networks.ts';
import { configurationsOf, freeAddress, takenIn } from '../addresses.ts';
import { subscriptionOf } from '../ids.ts';
import { addressFor } from '../read-in-machines.ts';
import type { Made, Wanted } from '../kinds.ts';
import type { ArmRequest } from '../request.ts';
import { TYPES } from '../types.ts';
import type { AzureWorld } from '../world.ts';
import type { Resource } from '../resource.ts';

const link = z.looseObject({ id: z.string() });
const nicShape = z.looseObject({
  ipConfigurations: z
    .array(
      z.looseObject({
        name: z.string(),
        properties: z.looseObject({
          subnet: link,
          privateIPAddress: z.ipv4().nullish(),
          privateIPAllocationMethod: z.enum(['Dynamic', 'Static']).nullish(),
          publicIPAddress: link.nullish(),
        }),
      }),
    )
    .min(1),
  networkSecurityGroup: link.nullish(),
});

interface Subnet {
  readonly id: string;
  readonly name: string;
  readonly properties: { readonly addressPrefix: string };
}

const same = (one: string | undefined, other: string): boolean => one?.toLowerCase() === other.toLowerCase();

function subnetAt(world: AzureWorld, id: string): Subnet | undefined {
  const subnets = world.get(id.replace(/\/subnets\/[^/]+$/i, ''))?.properties['subnets'] as
    readonly Subnet[] | undefined;
  return subnets?.find((subnet) => same(subnet.id, id));
}

const reference = (what: string, id: string): { readonly refused: Answer } => ({
  refused: armError(
    400,
    'InvalidResourceReference',
    `Resource ${id} referenced by resource ${what} was not found. Please make sure that the ` +
      'referenced resource exists, and that both resources are in the same region.',
  ),
});

const isOfOneSubscription = (one: string, other: string): boolean =>
  subscriptionOf(one) === subscriptionOf(other);

/** Which code Azure gives for this was never seen. */
const otherSubscription = (nic: string, id: string): { readonly refused: Answer } => ({
  refused: armError(
    400,
    'InvalidResourceReference',
    `Resource ${id} referenced by resource ${nic} is of another subscription. Both resources ` +
      'must be in the same subscription and in the same region.',
  ),
});

export function makeNic({ world }: ArmRequest, { id, location, tags, properties, before }: Wanted): Made {
  const read = nicShape.safeParse(properties);
  if (!read.success) return { refused: invalidRequest(z.prettifyError(read.error)) };
  const [configuration] = read.data.ipConfigurations;
  const wanted = configuration?.properties;
  const subnet = wanted && subnetAt(world, wanted.subnet.id);
  if (!wanted || !subnet || world.get(subnet.id.replace(/\/subnets\/[^/]+$/i, ''))?.location !== location)
    return reference(id, wanted?.subnet.id ?? '');
  const named = [wanted.publicIPAddress?.id, read.data.networkSecurityGroup?.id];
  const linked = named.find((one) => one !== undefined && world.get(one)?.location !== location);
  if (linked !== undefined) return reference(id, linked);
  const foreign = [subnet.id, ...named].find((one) => one !== undefined && !isOfOneSubscription(id, one));
  if (foreign !== undefined) return otherSubscription(id, foreign);
  const taken = takenIn(world, subnet.id, id);
  const kept = before && configurationsOf(before)[0];
  const stays =
    kept && same(kept.properties.subnet?.id, subnet.id) ? kept.properties.privateIPAddress : undefined;
  const address = wanted.privateIPAddress ?? stays ?? freeAddress(subnet.properties.addressPrefix, taken);
  if (address === undefined)
    return {
      refused: armError(
        400,
        'SubnetIsFull',
        `Subnet ${subnet.name} with address prefix ${subnet.properties.addressPrefix} does not ` +
          'have enough capacity for 1 IP addresses.',
      ),
    };
  if (taken.has(address))
    return {
      refused: armError(
        400,
        'PrivateIPAddressInUse',
        `IP configuration ${id}/ipConfigurations/ipconfig1 is using the private IP address ` +
          `${address} which is already allocated to another resource.`,
      ),
    };
  const machineId = (before?.properties['virtualMachine'] as { readonly id: string } | undefined)?.id;
  return nicResource({
    id,
    location,
    subnetId: subnet.id,
    privateAddress: address,
    allocation: wanted.privateIPAllocationMethod ?? 'Dynamic',
    tags,
    ...(read.data.networkSecurityGroup && { securityGroupId: read.data.networkSecurityGroup.id }),
    ...(wanted.publicIPAddress && { publicAddressId: wanted.publicIPAddress.id }),
    ...(machineId !== undefined && { machineId }),
  });
}

export function makeAddress(_request: ArmRequest, { id, location, tags, sku, before }: Wanted): Made {
  const name = textOf(sku['name']) ?? 'Standard';
  if (name !== 'Standard' && name !== 'Basic')
    return {
      refused: armError(
        400,
        'InvalidRequestFormat',
        `Cannot parse the request: '${name}' is no SKU of a public IP address.`,
      ),
    };
  return {
    ...publicAddressResource(id, location, textOf(before?.properties['ipAddress']) ?? addressFor(id), name),
    tags,
  };
}

export function addressInUse({ world }: ArmRequest, { id, name }: Resource): Answer | undefined {
  const user = world
    .list({ type: TYPES.networkInterface })
    .find((nic) => configurationsOf(nic).some(({ properties }) => same(properties.publicIPAddress?.id, id)));
  return (
    user &&
    armError(
      400,
      'PublicIPAddressCannotBeDeleted',
      `Public IP address ${name} can not be deleted since it is still allocated to resource ` +
        `${user.id}/ipConfigurations/ipconfig1.`,
    )
  );
}
