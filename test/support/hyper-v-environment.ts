// A company with a Hyper-V site beside its VMs in Azure.
import { generateEnvironment } from '../../simulator/environments/generate.ts';
import type { Environment } from '../../simulator/environments/schema.ts';

export const PRODUCTION = '2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77';
const inGroup = (group: string, type: string, name: string): string =>
  `/subscriptions/${PRODUCTION}/resourceGroups/${group}/providers/${type}/${name}`;
export const SITE_VAULT = inGroup(
  'contoso-recovery-services',
  'Microsoft.RecoveryServices/vaults',
  'contoso-vault',
);
export const SITE_NETWORK = inGroup(
  'contoso-shop-recovery',
  'Microsoft.Network/virtualNetworks',
  'shop-network-recovery',
);
export const SITE_STORAGE = inGroup(
  'contoso-shop-recovery',
  'Microsoft.Storage/storageAccounts',
  'shopcachesoutheastasia',
);
export const SITE_PLACEMENT_GROUP = inGroup(
  'contoso-shop-recovery',
  'Microsoft.Compute/proximityPlacementGroups',
  'shop-near-recovery',
);

type Machine = Environment['onPremises']['hyperVSites'][number]['virtualMachines'][number];
const machine = (name: string, index: number, disks: readonly string[]): Machine => ({
  name,
  server: index % 2 === 0 ? 'hv-1' : 'hv-2',
  osType: 'Windows',
  generation: 'V1',
  cpus: 2,
  memoryInMb: 4096,
  disks: disks.map((disk) => ({ name: disk, sizeInGb: 40 })),
  nics: [{ name: 'lan', network: 'factory', subnet: 'floor', address: `192.168.7.${10 + index}` }],
  power: 'running',
});

const FACTORY_POLICY = {
  name: 'factory-policy',
  recoveryPointHistoryDuration: 24,
  applicationConsistentSnapshotFrequencyInHours: 1,
  replicationInterval: 300,
};

export interface HyperVOptions {
  /** The machines that replicate from the start. */
  readonly replicated?: readonly string[];
  /** The machines of the site; the last machine has two disks. */
  readonly machines?: readonly string[];
  /** The replicated machines with managed disks. */
  readonly managed?: readonly string[];
  /** The system of a machine, as Site Recovery names it. */
  readonly systems?: Readonly<Record<string, { readonly edition: string; readonly version: string }>>;
  readonly vms?: number;
  /** False: no policy is associated with the site. Then no machine can replicate from the start. */
  readonly hasPolicy?: boolean;
}

/** The environment: VMs in Azure, and a site with two hosts. */
export function hyperVEnvironment({
  replicated = ['press', 'saw'],
  machines = ['press', 'saw', 'lathe', 'drill'],
  managed = [],
  systems = {},
  vms = 1,
  hasPolicy = true,
}: HyperVOptions = {}): Environment {
  const environment = generateEnvironment({ vms });
  const [vault, ...others] = environment.vaults;
  if (!vault) throw new Error('The environment has no vault.');
  return {
    ...environment,
    onPremises: {
      ...environment.onPremises,
      hyperVSites: [
        {
          name: 'factory',
          servers: [
            { name: 'hv-1', versions: {} },
            { name: 'hv-2', versions: {} },
          ],
          virtualMachines: machines.map((name, index) => ({
            ...machine(
              name,
              index,
              index === machines.length - 1 ? [`${name}-os`, `${name}-data`] : [`${name}-os`],
            ),
            ...(systems[name] && { os: systems[name] }),
          })),
        },
      ],
    },
    vaults: [
      {
        ...vault,
        hyperVSites: [
          {
            name: 'factory',
            site: 'factory',
            policies: hasPolicy ? [FACTORY_POLICY] : [],
            protectedItems: replicated.map((name) => ({
              name,
              virtualMachine: name,
              resourceGroup: 'contoso-shop-recovery',
              storageAccount: 'shopcachesoutheastasia',
              network: 'shop-network-recovery',
              subnet: 'web',
              managedDisks: managed.includes(name),
            })),
          },
        ],
      },
      ...others,
    ],
  };
}
