// The schema of an environment file: a small Azure with its vaults and replicated machines. Every
// referenced name must be in the file; `checks.ts` checks this.

import * as z from 'zod';

import { onPremises } from './on-premises-schema.ts';
import { vmmVault } from './vmm-schema.ts';
import { vmwareFabric } from './vmware-schema.ts';
import {
  automationAccount,
  availabilitySet,
  classicMachine,
  classicNetwork,
  classicStorageAccount,
  cloudService,
  name,
  network,
  placementGroup,
  region,
  regionName,
  resourceGroup,
  securityGroup,
  storageAccount,
  subscription,
  virtualMachine,
} from './infrastructure-schema.ts';

const policy = z.strictObject({
  name,
  recoveryPointHistoryInMinutes: z.int().min(0),
  crashConsistentFrequencyInMinutes: z.int().min(1).default(5),
  appConsistentFrequencyInMinutes: z.int().min(0),
  multiVmSyncStatus: z.enum(['Enabled', 'Disabled']).default('Enabled'),
});

const fabric = z.strictObject({ name, region: regionName, containers: z.array(name).min(1) });
const containerMapping = z.strictObject({ name, from: name, to: name, policy: name });
const networkMapping = z.strictObject({ name, from: name, to: name });

/**
 * The target in one region: the resource group of the machine and its disks, and the cache storage
 * account.
 */
const side = z.strictObject({ resourceGroup: name, cacheStorageAccount: name });

const protectedItem = z.strictObject({
  name,
  virtualMachine: name,
  /** The container of the machine before any failover. */
  container: name,
  home: side,
  away: side,
  multiVmGroup: z.string().default(''),
});

/** A Hyper-V site in a vault. All servers of the company's own site are registered in it. */
const hyperVSite = z.strictObject({
  /** The name of the fabric. */
  name,
  site: name,
  /** Each policy is associated with the site. */
  policies: z
    .array(
      z.strictObject({
        name,
        recoveryPointHistoryDuration: z.int().min(0),
        applicationConsistentSnapshotFrequencyInHours: z.int().min(0),
        replicationInterval: z.int().min(1).default(300),
      }),
    )
    .default([]),
  /** The items have the first policy. */
  protectedItems: z
    .array(
      z.strictObject({
        name,
        virtualMachine: name,
        resourceGroup: name,
        storageAccount: name,
        network: name,
        subnet: name,
        managedDisks: z.boolean().default(false),
      }),
    )
    .default([]),
});

/** A recovery plan of Site Recovery. Its groups of replicated items start one after the other. */
const recoveryPlan = z.strictObject({
  name,
  from: name,
  to: z.union([name, z.literal('Microsoft Azure')]),
  groups: z.array(z.array(name).min(1)).min(1).max(7),
});

const vault = z.strictObject({
  name,
  resourceGroup: name,
  policies: z.array(policy),
  fabrics: z.array(fabric),
  containerMappings: z.array(containerMapping),
  networkMappings: z.array(networkMapping),
  protectedItems: z.array(protectedItem),
  hyperVSites: z.array(hyperVSite).default([]),
  recoveryPlans: z.array(recoveryPlan).default([]),
  vmwareFabrics: z.array(vmwareFabric).default([]),
  vmm: vmmVault.prefault({}),
});

/** The structure of an environment, without the checks of its references. */
export const environmentShape = z.strictObject({
  name,
  /** The tenant of the environment's own subscriptions and of all callers. */
  tenant: z.uuid(),
  subscriptions: z.array(subscription).min(1),
  regions: z.array(region).min(1),
  resourceGroups: z.array(resourceGroup).min(1),
  networks: z.array(network),
  securityGroups: z.array(securityGroup).default([]),
  storageAccounts: z.array(storageAccount),
  placementGroups: z.array(placementGroup).default([]),
  availabilitySets: z.array(availabilitySet).default([]),
  virtualMachines: z.array(virtualMachine),
  cloudServices: z.array(cloudService).default([]),
  classicNetworks: z.array(classicNetwork).default([]),
  classicStorageAccounts: z.array(classicStorageAccount).default([]),
  classicMachines: z.array(classicMachine).default([]),
  automationAccounts: z.array(automationAccount).default([]),
  onPremises: onPremises.prefault({}),
  vaults: z.array(vault).min(1),
});

/** A valid environment. */
export type Environment = z.infer<typeof environmentShape>;
/** A vault of an environment. */
export type EnvironmentVault = Environment['vaults'][number];
/** A replicated item of a vault. */
export type EnvironmentItem = EnvironmentVault['protectedItems'][number];
/** A Hyper-V site of a vault. */
export type EnvironmentHyperVSite = EnvironmentVault['hyperVSites'][number];
/** A virtual machine of an environment. */
export type EnvironmentMachine = Environment['virtualMachines'][number];

export type EnvironmentNetwork = Environment['networks'][number];
/** A network interface of a machine. */
export type EnvironmentNic = EnvironmentMachine['nic'];
