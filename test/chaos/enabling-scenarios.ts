// The scenarios that the kill tests play on enabling: the machines, the command, and the requests
// that differ.
import { armRequest } from './boundaries.ts';
import { createRequest, type EnablingRequests } from './enabling-boundaries.ts';
import { hyperVEnvironment, SITE_NETWORK, SITE_STORAGE, SITE_VAULT } from '../support/hyper-v-environment.ts';
import type { LifeboatClient } from '../support/lifeboat-client.ts';
import {
  enableCommand,
  manyAzureVms,
  vmName,
  type ManySourceVms,
  type ManyVms,
} from '../support/many-vms.ts';
import type { SentCommand } from './run-with-kills.ts';

export interface EnablingScenario {
  readonly machines: (count: number) => ManySourceVms;
  readonly command: (environment: ManyVms) => SentCommand;
  readonly requests: EnablingRequests;
  readonly minPrerequisites: number;
}

async function readMachineIds(
  lifeboat: LifeboatClient,
  names: readonly string[],
): Promise<readonly string[]> {
  const { body } = await lifeboat.call<{
    sites: readonly { readonly machines: readonly { readonly id: string; readonly name: string }[] }[];
  }>('/api/v1/sources/sites');
  const machines = body.sites.flatMap((site) => site.machines);
  return names.map((name) => machines.find((machine) => machine.name === name)?.id ?? '');
}

/** By the names that `--scenario` takes. */
export const ENABLING_SCENARIOS = {
  azureToAzure: {
    machines: manyAzureVms,
    command: enableCommand,
    requests: {
      survey: armRequest('GET', '/virtualMachines(\\?|$)'),
      prerequisiteRead: armRequest('GET', '/replicationFabrics/[^/?]+(\\?|$)'),
      created: {
        'resource group': createRequest('resourceGroups'),
        vault: createRequest('vaults'),
        fabric: createRequest('replicationFabrics'),
        'network mapping': createRequest('replicationNetworkMappings'),
      },
      phases: ['prepare', 'prepare2', 'prepare3'],
      makesVault: true,
    },
    minPrerequisites: 11,
  },
  hyperVToAzure: {
    machines: (count) => {
      const names = Array.from({ length: count }, (_, index) => vmName(index));
      return {
        // The last machine of the site has two disks, and stays out.
        environment: hyperVEnvironment({
          machines: [...names, 'spare'],
          replicated: [],
          hasPolicy: false,
          vms: 0,
        }),
        idsOf: (lifeboat) => readMachineIds(lifeboat, names),
      };
    },
    command: ({ vms }) => ({
      operation: 'enableReplication',
      goal: { protect: 'hyperVVm' },
      vault: { id: SITE_VAULT },
      source: { site: 'factory' },
      policy: { name: 'killed-policy', retentionHours: 12 },
      target: {
        region: 'southeastasia',
        resourceGroup: 'contoso-factory-recovery',
        networkId: SITE_NETWORK,
        subnet: 'web',
        storageAccountId: SITE_STORAGE,
        osType: 'Windows',
        managedDisks: false,
      },
      vms,
    }),
    requests: {
      survey: armRequest('GET', '/replicationProtectableItems(\\?|$)'),
      prerequisiteRead: armRequest('GET', '/replicationPolicies/[^/?]+(\\?|$)'),
      created: {
        'resource group': createRequest('resourceGroups'),
        policy: createRequest('replicationPolicies'),
        mapping: createRequest('replicationProtectionContainerMappings'),
      },
      phases: ['prepare', 'prepare3', 'prepare5'],
      makesVault: false,
    },
    minPrerequisites: 3,
  },
} as const satisfies Readonly<Record<string, EnablingScenario>>;
export type EnablingScenarioName = keyof typeof ENABLING_SCENARIOS;
