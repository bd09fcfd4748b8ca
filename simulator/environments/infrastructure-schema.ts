// The schema of an environment's infrastructure: subscriptions, regions, networks, storage and
// machines. `schema.ts` adds the vaults.

import * as z from 'zod';

export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,89}$/, 'letters, digits, dots, hyphens and underscores, up to 90');
export const regionName = z.string().regex(/^[a-z0-9]+$/, "Azure's short name, for example eastasia");
const zone = z.enum(['1', '2', '3']);
const tags = z.record(z.string(), z.string()).exactOptional();
const prefix = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'an address range, for example 10.20.0.0/16');

export const region = z.strictObject({
  name: regionName,
  displayName: z.string(),
  /** Azure's paired region. The environment may not contain the paired region. */
  pairedWith: regionName.exactOptional(),
  zones: z.array(zone).default([]),
  /** Whether the region offers vaults and the replication of machines. */
  offersSiteRecovery: z.boolean().default(true),
  /** Sizes that the region does not sell. */
  missingSizes: z.array(z.string()).default([]),
  /** Sizes that the region sells, but not to the environment's subscriptions. */
  restrictedSizes: z.array(z.string()).default([]),
  /**
   * The core quotas by family, or `cores` for the quota of all families. Other families have a
   * large quota.
   */
  quotas: z.record(z.string(), z.int().min(0)).default({}),
});

export const subscription = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  /** The tenant of the subscription. The default is the environment's own tenant. */
  tenant: z.uuid().exactOptional(),
});

export const resourceGroup = z.strictObject({ name, subscription: z.string(), region: regionName, tags });

/** A subnet without options is only its name. */
const subnet = z.union([
  name,
  z.strictObject({ name, prefix: prefix.exactOptional(), securityGroup: name.exactOptional() }),
]);
export const network = z.strictObject({
  name,
  resourceGroup: name,
  prefix: prefix.exactOptional(),
  subnets: z.array(subnet).min(1),
});

const ports = z
  .string()
  .regex(/^(\*|\d{1,5}(-\d{1,5})?)$/, 'a port, a range of ports or *')
  .default('*');
const securityRule = z.strictObject({
  name,
  priority: z.int().min(100).max(4096),
  direction: z.enum(['Inbound', 'Outbound']),
  access: z.enum(['Allow', 'Deny']),
  protocol: z.enum(['*', 'Tcp', 'Udp', 'Icmp']).default('*'),
  /** Addresses, address ranges, service tags or *. */
  from: z.string().default('*'),
  to: z.string().default('*'),
  fromPorts: ports,
  toPorts: ports,
});
export const securityGroup = z.strictObject({
  name,
  resourceGroup: name,
  rules: z.array(securityRule).default([]),
});

export const storageAccount = z.strictObject({
  name: z.string().regex(/^[a-z0-9]{3,24}$/, '3 to 24 small letters and digits'),
  resourceGroup: name,
  sku: z
    .enum(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_RAGRS', 'Premium_LRS'])
    .default('Standard_LRS'),
  kind: z.enum(['StorageV2', 'Storage', 'BlobStorage', 'BlockBlobStorage']).default('StorageV2'),
});

export const placementGroup = z.strictObject({
  name,
  resourceGroup: name,
  zone: zone.exactOptional(),
  /** The number of machines that fit into the group. The default is no limit. */
  room: z.int().min(0).exactOptional(),
});

export const availabilitySet = z.strictObject({
  name,
  resourceGroup: name,
  faultDomains: z.int().min(1).max(3).default(2),
  updateDomains: z.int().min(1).max(20).default(5),
  /** True for machines with managed disks, false for machines with unmanaged disks. */
  aligned: z.boolean().default(true),
  placementGroup: name.exactOptional(),
});

const disk = z.strictObject({
  name,
  sizeInGb: z.int().min(1),
  accountType: z.enum([
    'Standard_LRS',
    'StandardSSD_LRS',
    'StandardSSD_ZRS',
    'Premium_LRS',
    'Premium_ZRS',
    'PremiumV2_LRS',
    'UltraSSD_LRS',
  ]),
});

const nic = z.strictObject({
  name,
  network: name,
  subnet: name,
  privateAddress: z.ipv4(),
  securityGroup: name.exactOptional(),
  publicAddress: z.boolean().default(false),
});

export const virtualMachine = z.strictObject({
  name,
  resourceGroup: name,
  size: z.string(),
  osType: z.enum(['Windows', 'Linux']),
  /** The system as the agent in the guest names it. */
  os: z.strictObject({ name: z.string().min(1), version: z.string().min(1) }).exactOptional(),
  /** The image of the system disk. */
  image: z.strictObject({ publisher: name, offer: name, sku: name }).exactOptional(),
  generation: z.enum(['V1', 'V2']).default('V2'),
  /** The first disk holds the operating system. */
  disks: z.array(disk).min(1),
  /** The storage account of the unmanaged disks. */
  unmanagedIn: z.string().exactOptional(),
  nic,
  otherNics: z.array(nic).default([]),
  zone: zone.exactOptional(),
  availabilitySet: name.exactOptional(),
  placementGroup: name.exactOptional(),
  power: z.enum(['running', 'stopped', 'deallocated']).default('running'),
  /** Whether Azure's agent in the guest answers. */
  agentReady: z.boolean().default(true),
  tags,
});

/** A cloud service of the classic deployment model without a machine. */
export const cloudService = z.strictObject({ name, resourceGroup: name });
export const classicNetwork = z.strictObject({ name, resourceGroup: name, subnets: z.array(name).min(1) });
export const classicStorageAccount = z.strictObject({
  name: z.string().regex(/^[a-z0-9]{3,24}$/, '3 to 24 small letters and digits'),
  resourceGroup: name,
  accountType: z.enum(['Standard-LRS', 'Standard-GRS', 'Premium-LRS']).default('Standard-LRS'),
});

/** A machine of the classic deployment model with its cloud service. The disks are blobs. */
export const classicMachine = z.strictObject({
  name,
  resourceGroup: name,
  cloudService: name,
  size: z.string(),
  osType: z.enum(['Windows', 'Linux']),
  disks: z.array(z.strictObject({ name, sizeInGb: z.int().min(1) })).default([]),
  account: name.exactOptional(),
  network: z.strictObject({ name, subnet: name }).exactOptional(),
});

/** An Automation account with the company's own scripts. */
export const automationAccount = z.strictObject({
  name,
  resourceGroup: name,
  runbooks: z
    .array(
      z.strictObject({
        name,
        parameters: z.array(z.string().min(1)).default([]),
        published: z.boolean().default(true),
      }),
    )
    .default([]),
});
