// A company with a vCenter beside its Hyper-V site and its VMs in Azure: two replication appliances
// at the harbour, and an older configuration server at the lighthouse.
import { parseEnvironment } from '../../simulator/environments/load.ts';
import type { Environment } from '../../simulator/environments/schema.ts';
import {
  hyperVEnvironment,
  SITE_NETWORK,
  SITE_PLACEMENT_GROUP,
  SITE_STORAGE,
  SITE_VAULT,
} from './hyper-v-environment.ts';

export {
  SITE_NETWORK as NETWORK,
  SITE_PLACEMENT_GROUP as PLACEMENT_GROUP,
  SITE_STORAGE as LOG_ACCOUNT,
  SITE_VAULT as VAULT,
};
export const APPLIANCE = 'harbour-appliance';
export const OTHER_APPLIANCE = 'harbour-appliance-2';
export const ACCOUNT = 'windows-installer';

/** The machines of the harbour. `power` and `disks` differ from the usual. */
interface MachineOptions {
  readonly disks?: readonly string[];
  readonly power?: 'off';
  readonly group?: string;
}
type Machines = Readonly<Record<string, MachineOptions>>;

export interface VmwareOptions {
  /** The machines of the harbour that replicate from the start. */
  readonly replicated?: Machines;
  /** Other machines of the harbour. */
  readonly machines?: Machines;
  /** The machines of the lighthouse that replicate from the start. */
  readonly classic?: readonly string[];
  readonly otherClassic?: readonly string[];
  readonly hyperV?: readonly string[];
  readonly vms?: number;
}

const machine = (site: string, name: string, index: number, { disks, power }: MachineOptions = {}) => ({
  name,
  server: `esx-${site}-${1 + (index % 2)}`,
  osType: 'Windows',
  generation: 'V1',
  cpus: 2,
  memoryInMb: 4096,
  disks: (disks ?? [`${name}-os`]).map((disk) => ({ name: disk, sizeInGb: 40, datastore: `${site}-store` })),
  nics: [{ name: `${name}-nic`, network: 'Quay', address: `10.40.1.${10 + index}` }],
  power: power ?? 'running',
});

const replicatedItem = (name: string, group?: string) => ({
  virtualMachine: name,
  resourceGroup: 'contoso-shop-recovery',
  network: 'shop-network-recovery',
  subnet: 'web',
  logStorageAccount: 'shopcachesoutheastasia',
  ...(group === undefined ? {} : { multiVmGroup: group }),
});

const hostsOf = (site: string, network: number) =>
  [1, 2].map((number) => ({
    name: `esx-${site}-${number}`,
    address: `10.${network}.0.${10 + number}`,
    versions: { ESXi: '7.0.3' },
  }));

/** The environment. Only machines that are named exist. */
export function vmwareEnvironment({
  replicated = {},
  machines = {},
  classic = [],
  otherClassic = [],
  hyperV = [],
  vms = 1,
}: VmwareOptions = {}): Environment {
  const base = hyperVEnvironment({ machines: [...hyperV, 'spare'], replicated: hyperV, vms });
  const [vault, ...others] = base.vaults;
  const harbour = Object.entries({ ...replicated, ...machines });
  return parseEnvironment(
    {
      ...base,
      onPremises: {
        ...base.onPremises,
        vmwareSites: [
          {
            name: 'harbour',
            discovery: { name: 'harbour-site', resourceGroup: 'contoso-recovery-services' },
            servers: [
              {
                name: 'vcenter-harbour',
                kind: 'VCenter',
                address: '10.40.0.10',
                versions: { vCenter: '7.0.3' },
              },
              ...hostsOf('harbour', 40),
              ...[APPLIANCE, OTHER_APPLIANCE].map((name, index) => ({
                name,
                kind: 'ReplicationAppliance',
                address: `10.40.0.2${index}`,
                accounts: [ACCOUNT, 'linux-installer'],
                datastores: ['harbour-store'],
              })),
            ],
            virtualMachines: harbour.map(([name, options], index) =>
              machine('harbour', name, index, options),
            ),
          },
          {
            name: 'lighthouse',
            servers: [
              {
                name: 'vcenter-lighthouse',
                kind: 'VCenter',
                address: '10.50.0.10',
                versions: { vCenter: '6.7.0' },
              },
              ...hostsOf('lighthouse', 50),
              {
                name: 'lighthouse-config',
                kind: 'ConfigurationServer',
                address: '10.50.0.20',
                accounts: ['vcenter-reader', ACCOUNT],
              },
              {
                name: 'lighthouse-process',
                kind: 'ProcessServer',
                address: '10.50.0.21',
                datastores: ['lighthouse-store'],
              },
            ],
            virtualMachines: [...classic, ...otherClassic].map((name, index) =>
              machine('lighthouse', name, 100 + index),
            ),
          },
        ],
      },
      vaults: [
        {
          ...vault,
          vmwareFabrics: [
            {
              name: 'harbour',
              kind: 'InMageRcm',
              site: 'harbour',
              servers: [APPLIANCE, OTHER_APPLIANCE],
              policy: 'harbour-policy',
              protectedItems: Object.entries(replicated).map(([name, { group }]) =>
                replicatedItem(name, group),
              ),
            },
            {
              name: 'lighthouse',
              kind: 'VMware',
              site: 'lighthouse',
              servers: ['lighthouse-config', 'lighthouse-process'],
              policy: 'lighthouse-policy',
              protectedItems: classic.map((name) => replicatedItem(name)),
            },
          ],
        },
        ...others,
      ],
    },
    'with a vCenter',
  );
}

/** A server on premises that has no contact with Azure, until the rule is removed. */
export const darkServer = (server: string) => ({
  point: 'standing' as const,
  do: { kind: 'serverDark' as const, server },
});
