// A company with VMs in Azure, on Hyper-V and on VMware. Each scenario has a vault of its own.
import type { Environment } from '../../simulator/environments/schema.ts';
import { hyperVEnvironment } from './hyper-v-environment.ts';

type VmwareSite = Environment['onPremises']['vmwareSites'][number];
type VmwareFabric = Environment['vaults'][number]['vmwareFabrics'][number];

/** An environment with this many replicated VMs in each scenario. */
export function threeScenariosEnvironment(vmsPerScenario: number): Environment {
  const namesWith = (suffix: string): readonly string[] =>
    Array.from({ length: vmsPerScenario }, (_, at) => `vm-${String(at + 1).padStart(4, '0')}-${suffix}`);
  const machines = namesWith('hyper-v');
  const environment = hyperVEnvironment({ vms: vmsPerScenario, machines, replicated: machines });
  const [vault] = environment.vaults;
  if (!vault) throw new Error('The environment has no vault.');
  const emptyVault = { ...vault, fabrics: [], policies: [], containerMappings: [], networkMappings: [] };
  const own = { protectedItems: [], recoveryPlans: [] };
  return {
    ...environment,
    onPremises: { ...environment.onPremises, vmwareSites: [vmwareSite(namesWith('vmware'))] },
    vaults: [
      { ...vault, hyperVSites: [] },
      { ...emptyVault, ...own, name: 'hyper-v-vault', hyperVSites: vault.hyperVSites },
      {
        ...emptyVault,
        ...own,
        name: 'vmware-vault',
        hyperVSites: [],
        vmwareFabrics: [vmwareFabric(namesWith('vmware'))],
      },
    ],
  };
}

const vmwareSite = (names: readonly string[]): VmwareSite => ({
  name: 'quay',
  discovery: { name: 'quay-site', resourceGroup: 'contoso-recovery-services' },
  servers: [
    { name: 'vcenter', kind: 'VCenter', address: '10.40.0.10', versions: {} },
    { name: 'esx', kind: 'EsxiHost', address: '10.40.0.11', versions: {} },
    {
      name: 'appliance',
      kind: 'ReplicationAppliance',
      address: '10.40.0.20',
      accounts: ['installer'],
      datastores: ['store'],
      versions: {},
    },
  ],
  virtualMachines: names.map((name, at) => ({
    name,
    server: 'esx',
    osType: 'Linux',
    generation: 'V1',
    cpus: 2,
    memoryInMb: 4096,
    disks: [{ name: `${name}-system`, sizeInGb: 32, datastore: 'store' }],
    nics: [
      { name: `${name}-nic`, network: 'Quay', subnet: '', address: `10.40.${1 + (at >> 7)}.${at & 127}` },
    ],
    power: 'running',
  })),
});

const vmwareFabric = (names: readonly string[]): VmwareFabric => ({
  name: 'quay',
  kind: 'InMageRcm',
  site: 'quay',
  servers: ['appliance'],
  policy: 'quay-policy',
  recoveryPointHistoryInMinutes: 1440,
  appConsistentFrequencyInMinutes: 60,
  protectedItems: names.map((virtualMachine) => ({
    virtualMachine,
    resourceGroup: 'contoso-shop-recovery',
    network: 'shop-network-recovery',
    subnet: 'web',
    logStorageAccount: 'shopcachesoutheastasia',
  })),
});
