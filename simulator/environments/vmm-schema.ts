// The schema of VMM servers in an environment: their clouds, hosts, networks, storage and machines. And
// the schema of the VMM part of a vault.

import * as z from 'zod';

import { name } from './infrastructure-schema.ts';

const vmNetwork = z.strictObject({
  name,
  logicalNetwork: name,
  /** A replica gets the subnet with the same name, else the first. */
  subnets: z.array(name).min(1),
});

/** A place for disks: a volume of hosts, or a share. */
const storagePlace = z.strictObject({
  name,
  kind: z.enum(['volume', 'share']),
  classification: name.exactOptional(),
  sizeInGb: z.int().min(1),
  freeInGb: z.int().min(0),
  /** The hosts that reach the place. */
  hosts: z.array(name).min(1),
});

const host = z.strictObject({
  name,
  /** The failover cluster that the host belongs to. */
  cluster: name.exactOptional(),
  hostGroup: name,
  operatingSystem: z.enum(['2012', '2012R2']).default('2012R2'),
  /** The logical networks that the host is connected to. */
  logicalNetworks: z.array(name).default([]),
  /** Where the host puts the disks of a machine without a place. */
  defaultPlace: name,
});

const cloud = z.strictObject({
  name,
  capabilityProfiles: z.array(z.enum(['Hyper-V', 'ESX Server', 'XenServer'])).default(['Hyper-V']),
  hostGroups: z.array(name).default([]),
  logicalNetworks: z.array(name).default([]),
  classifications: z.array(name).default([]),
});

const virtualMachine = z.strictObject({
  name,
  /** A machine outside of all clouds cannot be protected. */
  cloud: name.exactOptional(),
  /** The host that runs the machine. */
  server: name,
  osType: z.enum(['Windows', 'Linux']),
  generation: z.enum(['V1', 'V2']).default('V1'),
  cpus: z.int().min(1).default(2),
  memoryInMb: z.int().min(512).default(4096),
  classification: name.exactOptional(),
  /** The first disk holds the operating system. */
  disks: z.array(z.strictObject({ name, sizeInGb: z.int().min(1), place: name })).min(1),
  nics: z.array(z.strictObject({ name, network: name, subnet: name, address: z.ipv4() })).min(1),
  power: z.enum(['running', 'off']).default('running'),
  /** Hyper-V Replica already replicates the machine to this host. */
  replicaOn: name.exactOptional(),
});

export const vmmServer = z.strictObject({
  /** The name of the server. In a cluster: the name of the cluster role. */
  name,
  version: z.string().default('3.2.7510.0'),
  /** The version of the Site Recovery provider that its setup installs. */
  providerVersion: z.string().default('5.1.7300.0'),
  /** The nodes of a VMM cluster. None: the server stands alone. */
  nodes: z
    .array(
      z.strictObject({
        name,
        isActive: z.boolean().default(false),
        providerVersion: z.string().exactOptional(),
      }),
    )
    .default([]),
  /** The server is this virtual machine of its own. */
  virtualMachine: name.exactOptional(),
  logicalNetworks: z.array(name).default([]),
  vmNetworks: z.array(vmNetwork).default([]),
  classifications: z.array(name).default([]),
  hostGroups: z.array(name).min(1),
  hosts: z.array(host).min(1),
  storage: z.array(storagePlace).min(1),
  clouds: z.array(cloud).default([]),
  virtualMachines: z.array(virtualMachine).default([]),
});

/** The policy has the names of the API. */
const policy = z.strictObject({
  name,
  instanceType: z.enum(['HyperVReplica2012R2', 'HyperVReplica2012']).default('HyperVReplica2012R2'),
  settings: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});

const pair = z.strictObject({ from: name, to: name });

/** The VMM servers of a vault, and what is mapped and replicated between their clouds. */
export const vmmVault = z.strictObject({
  servers: z
    .array(
      z.strictObject({
        server: name,
        /** The synchronised clouds. Default: all clouds. */
        clouds: z.array(name).exactOptional(),
      }),
    )
    .default([]),
  policies: z.array(policy).default([]),
  cloudMappings: z.array(z.strictObject({ name, from: name, to: name, policy: name })).default([]),
  networkMappings: z.array(pair).default([]),
  storageMappings: z.array(pair).default([]),
  /** The names of machines that replicate. The items have the same names. */
  protectedItems: z.array(name).default([]),
});

export type EnvironmentVmmServer = z.infer<typeof vmmServer>;
export type EnvironmentVmmVault = z.infer<typeof vmmVault>;
