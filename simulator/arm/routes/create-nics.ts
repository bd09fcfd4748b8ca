// Creates network interfaces and public addresses in their simplest form: one configuration with
// one address.

import * as z from 'zod';

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, invalidRequest } from '../responses.ts';
import { textOf } from '../build/common.ts';
import { nicResource, publicAddressResource } from '../build/networks.ts';
import { ipConfigurationsOf, freeAddress, usedAddresses } from '../ip-addresses.ts';
import { subscriptionOf } from '../ids.ts';
import { exampleAddress } from '../environment-machines.ts';
import type { CreationResult, ResourceDefinition } from '../resource-kinds.ts';
import type { ArmRequest } from '../request.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import type { AzureWorld } from '../world.ts';
import type { Resource } from '../resource.ts';

const linkShape = z.looseObject({ id: z.string() });
const nicShape = z.looseObject({
  ipConfigurations: z
    .array(
      z.looseObject({
        name: z.string(),
        properties: z.looseObject({
          subnet: linkShape,
          privateIPAddress: z.ipv4().nullish(),
          privateIPAllocationMethod: z.enum(['Dynamic', 'Static']).nullish(),
          publicIPAddress: linkShape.nullish(),
        }),
      }),
    )
    .min(1),
  networkSecurityGroup: linkShape.nullish(),
});

interface Subnet {
  readonly id: string;
  readonly name: string;
  readonly properties: { readonly addressPrefix: string };
}

const isSameId = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();

function findSubnet(world: AzureWorld, id: string): Subnet | undefined {
  const subnets = world.get(id.replace(/\/subnets\/[^/]+$/i, ''))?.properties['subnets'] as
    readonly Subnet[] | undefined;
  return subnets?.find((subnet) => isSameId(subnet.id, id));
}

const missingReference = (what: string, id: string): { readonly refused: SimulatorResponse } => ({
  refused: armError(
    400,
    'InvalidResourceReference',
    `Resource ${id} referenced by resource ${what} was not found. Please make sure that the ` +
      'referenced resource exists, and that both resources are in the same region.',
  ),
});

const isSameSubscription = (a: string, b: string): boolean => subscriptionOf(a) === subscriptionOf(b);

/** No recording shows Azure's code for this error. */
const subscriptionMismatch = (nic: string, id: string): { readonly refused: SimulatorResponse } => ({
  refused: armError(
    400,
    'InvalidResourceReference',
    `Resource ${id} referenced by resource ${nic} is of another subscription. Both resources ` +
      'must be in the same subscription and in the same region.',
  ),
});

export function createNic(
  { world }: ArmRequest,
  { id, location, tags, properties, existing }: ResourceDefinition,
): CreationResult {
  const read = nicShape.safeParse(properties);
  if (!read.success) return { refused: invalidRequest(z.prettifyError(read.error)) };
  const [configuration] = read.data.ipConfigurations;
  const wanted = configuration?.properties;
  const subnet = wanted && findSubnet(world, wanted.subnet.id);
  if (!wanted || !subnet || world.get(subnet.id.replace(/\/subnets\/[^/]+$/i, ''))?.location !== location)
    return missingReference(id, wanted?.subnet.id ?? '');
  const linkedIds = [wanted.publicIPAddress?.id, read.data.networkSecurityGroup?.id];
  const missingId = linkedIds.find(
    (linkedId) => linkedId !== undefined && world.get(linkedId)?.location !== location,
  );
  if (missingId !== undefined) return missingReference(id, missingId);
  const foreignId = [subnet.id, ...linkedIds].find(
    (linkedId) => linkedId !== undefined && !isSameSubscription(id, linkedId),
  );
  if (foreignId !== undefined) return subscriptionMismatch(id, foreignId);
  const used = usedAddresses(world, subnet.id, id);
  const currentConfiguration = existing && ipConfigurationsOf(existing)[0];
  const currentAddress =
    currentConfiguration && isSameId(currentConfiguration.properties.subnet?.id, subnet.id)
      ? currentConfiguration.properties.privateIPAddress
      : undefined;
  const address =
    wanted.privateIPAddress ?? currentAddress ?? freeAddress(subnet.properties.addressPrefix, used);
  if (address === undefined)
    return {
      refused: armError(
        400,
        'SubnetIsFull',
        `Subnet ${subnet.name} with address prefix ${subnet.properties.addressPrefix} does not ` +
          'have enough capacity for 1 IP addresses.',
      ),
    };
  if (used.has(address))
    return {
      refused: armError(
        400,
        'PrivateIPAddressInUse',
        `IP configuration ${id}/ipConfigurations/ipconfig1 is using the private IP address ` +
          `${address} which is already allocated to another resource.`,
      ),
    };
  const machineId = (existing?.properties['virtualMachine'] as { readonly id: string } | undefined)?.id;
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

export function createPublicAddress(
  _request: ArmRequest,
  { id, location, tags, sku, existing }: ResourceDefinition,
): CreationResult {
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
    ...publicAddressResource(
      id,
      location,
      textOf(existing?.properties['ipAddress']) ?? exampleAddress(id),
      name,
    ),
    tags,
  };
}

export function publicAddressInUse(
  { world }: ArmRequest,
  { id, name }: Resource,
): SimulatorResponse | undefined {
  const user = world
    .list({ type: RESOURCE_TYPES.networkInterface })
    .find((nic) =>
      ipConfigurationsOf(nic).some(({ properties }) => isSameId(properties.publicIPAddress?.id, id)),
    );
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
