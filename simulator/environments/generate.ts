// Generates environments of any size for tests: the regions of contoso with any number of machines
// and vaults.

import { loadEnvironment, parseEnvironment } from './load.ts';
import type { Environment, EnvironmentItem, EnvironmentMachine, EnvironmentNetwork } from './schema.ts';

/** The size of the environment. */
export interface GenerateOptions {
  readonly vms: number;
  /** The machines go to this many vaults in turn. The default is one vault. */
  readonly vaults?: number;
  /** The first machines replicate, this many of them. The default is all. */
  readonly replicated?: number;
}

/** Subnets with enough addresses for all machines, in both regions. */
const WIDE_NETWORKS: Readonly<Record<string, Pick<EnvironmentNetwork, 'prefix' | 'subnets'>>> = {
  'shop-network': wideNetwork(20),
  'shop-network-recovery': wideNetwork(24),
};

function wideNetwork(from: number): Pick<EnvironmentNetwork, 'prefix' | 'subnets'> {
  const subnets = [
    { name: 'web', prefix: `10.${from}.0.0/15` },
    { name: 'app', prefix: `10.${from + 2}.0.0/16` },
    { name: 'data', prefix: `10.${from + 3}.0.0/16` },
  ];
  return { prefix: `10.${from}.0.0/14`, subnets };
}

const numberedName = (stem: string, index: number): string => `${stem}-${String(index + 1).padStart(4, '0')}`;

/** Generates an environment from the machines and vaults of contoso. */
export function generateEnvironment({ vms, vaults = 1, replicated = vms }: GenerateOptions): Environment {
  const template = loadEnvironment('contoso');
  const [vault] = template.vaults;
  const [machine] = template.virtualMachines;
  const item = vault?.protectedItems[0];
  if (!vault || !machine || !item)
    throw new Error('The environment contoso has no replicated machine to copy.');
  const machines = Array.from({ length: vms }, (_, index): EnvironmentMachine => ({
    ...machine,
    name: numberedName('vm', index),
    disks: [{ name: numberedName('disk', index), sizeInGb: 64, accountType: 'Premium_LRS' }],
    nic: {
      ...machine.nic,
      name: numberedName('nic', index),
      privateAddress: `10.${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
    },
  }));
  const itemOf = ({ name }: EnvironmentMachine): EnvironmentItem => ({
    ...item,
    name,
    virtualMachine: name,
  });
  const generatedVaults = Array.from({ length: vaults }, (_, at) => ({
    ...vault,
    name: vaults === 1 ? vault.name : numberedName('vault', at),
    protectedItems: machines
      .filter((_machine, index) => index < replicated && index % vaults === at)
      .map(itemOf),
    recoveryPlans: [],
  }));
  // Both regions need room for all machines.
  const regions = template.regions.map((region) => ({ ...region, quotas: {} }));
  const networks = template.networks.map((network) => ({ ...network, ...WIDE_NETWORKS[network.name] }));
  return parseEnvironment(
    {
      ...template,
      regions,
      networks,
      name: `generated-${vms}`,
      virtualMachines: machines,
      vaults: generatedVaults,
    },
    `of ${vms} machines`,
  );
}
