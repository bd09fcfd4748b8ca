// The schema of the companies' own sites in an environment: servers and the machines on them.

import * as z from 'zod';

import { name } from './infrastructure-schema.ts';
import { vmmServer } from './vmm-schema.ts';

const server = z.strictObject({
  name,
  /** The failover cluster that the server belongs to. */
  cluster: name.exactOptional(),
  /** The versions of the installed software, by its name. */
  versions: z.record(z.string(), z.string()).default({}),
});

const disk = z.strictObject({ name, sizeInGb: z.int().min(1), datastore: z.string().exactOptional() });
const nic = z.strictObject({
  name,
  /** The name of the virtual switch or of the port group. */
  network: z.string().min(1),
  subnet: z.string().default(''),
  address: z.ipv4(),
});

const virtualMachine = z.strictObject({
  name,
  server: name,
  osType: z.enum(['Windows', 'Linux']),
  /** The system as Site Recovery names it. Left out: Site Recovery does not know it. */
  os: z.strictObject({ edition: z.string().min(1), version: z.string().min(1) }).exactOptional(),
  generation: z.enum(['V1', 'V2']).default('V1'),
  cpus: z.int().min(1).default(2),
  memoryInMb: z.int().min(512).default(4096),
  /** The first disk holds the operating system. Site Recovery does not see which disk does. */
  disks: z.array(disk).min(1),
  nics: z.array(nic).min(1),
  power: z.enum(['running', 'off']).default('running'),
});

const site = z.strictObject({
  name,
  servers: z.array(server).min(1),
  virtualMachines: z.array(virtualMachine).default([]),
});

const vmwareServer = server.extend({
  kind: z
    .enum(['EsxiHost', 'VCenter', 'ReplicationAppliance', 'ConfigurationServer', 'ProcessServer'])
    .default('EsxiHost'),
  address: z.ipv4().exactOptional(),
  /** The names of the accounts that install the agent in machines. */
  accounts: z.array(name).exactOptional(),
  /** The datastores that the server can write to. */
  datastores: z.array(z.string().min(1)).exactOptional(),
});

const vmwareSite = site.extend({
  servers: z.array(vmwareServer).min(1),
  /** The VMware site in Azure that lists the machines which the appliances found. */
  discovery: z.strictObject({ name, resourceGroup: name }).exactOptional(),
});

/** The companies' own sites by their virtualization. */
export const onPremises = z.strictObject({
  hyperVSites: z.array(site).default([]),
  vmwareSites: z.array(vmwareSite).default([]),
  vmmServers: z.array(vmmServer).default([]),
});

export type EnvironmentSite = z.infer<typeof site>;
export type EnvironmentVmwareSite = z.infer<typeof vmwareSite>;
