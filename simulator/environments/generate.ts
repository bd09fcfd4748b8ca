// Environments of any size for tests: the same two regions, as many machines and vaults as are asked for.

import { loadEnvironment, parseEnvironment } from './load.ts';
import type { Environment, EnvironmentItem, EnvironmentMachine, EnvironmentNetwork } from './schema.ts';

export interface GenerateOptions {
  readonly vms: number;
  /** The machines are dealt out to so many vaults in turn; one, if not said. */
  readonly vaults?: number;
  /** How many of them replicate, the first ones; all, if not said. */
  readonly replicated?: number;
}

/** Subnets with an address for every machine, on both sides of the shop. */
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

export function generateEnvironment({ vms, vaults = 1, replicated = vms }: GenerateOptions): Environment {
  const template = loadEnvironment('contoso');
  const [vault] = template.vaults;
  const [machine] = template.virtualMachines;
  const item = vault?.protectedItems[0];
  if (!vault || !machine || !item)
    throw new Error('The environment contoso has no replicated machine to make more of.');
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
  const itemOf = (one: EnvironmentMachine): EnvironmentItem => ({
    ...item,
    name: one.name,
    virtualMachine: one.name,
  });
  const generatedVaults = Array.from({ length: vaults }, (_, at) => ({
    ...vault,
    name: vaults === 1 ? vault.name : numberedName('vault', at),
    protectedItems: machines
      .filter((_machine, index) => index < replicated && index % vaults === at)
      .map(itemOf),
    recoveryPlans: [],
  }));
  // Room for every machine on both sides.
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
