// Random environments and requests by seed: VMs of many kinds, and settings that a caller may
// request.
import type { Environment, EnvironmentMachine } from '../../simulator/environments/schema.ts';
import { Random } from '../../simulator/test/host/seeded-random.ts';
import {
  makeStorageAccountId,
  makeContosoWith,
  DEVELOPMENT,
  makeNetworkId,
  PRODUCTION,
  makeResourceId,
  makeShopVm,
  makeVmId,
} from './enabling-environment.ts';
import { vmFieldsOf } from './vm-fields.ts';

const SIZES = [
  'Standard_D2s_v5',
  'Standard_D4s_v5',
  'Standard_E4s_v5',
  'Standard_F4s_v2',
  'Standard_L8s_v3',
  'Standard_DS2_v2',
  'Standard_B2ms',
];
const DISK_TYPES = ['Premium_LRS', 'StandardSSD_LRS', 'Standard_LRS', 'Premium_ZRS'] as const;
const ZONES = ['1', '2', '3'] as const;
const VMS = 12;

function randomMachine(random: Random, name: string): EnvironmentMachine {
  const unmanaged = random.chance(0.15);
  const zoned = !unmanaged && random.chance(0.35);
  const inSet = !zoned && random.chance(0.4);
  const disks = ['os', 'data', 'more'].slice(0, 1 + random.below(3)).map((kind) => ({
    name: `${name}-${kind}`,
    sizeInGb: 32 << random.below(4),
    accountType: unmanaged
      ? ('Premium_LRS' as const)
      : kind !== 'os' && random.chance(0.06)
        ? ('UltraSSD_LRS' as const)
        : random.pick(DISK_TYPES),
  }));
  return makeShopVm(name, {
    size: random.pick(SIZES),
    disks,
    osType: random.pick(['Windows', 'Linux']),
    generation: unmanaged ? 'V1' : 'V2',
    power: random.chance(0.08) ? 'deallocated' : 'running',
    agentReady: !random.chance(0.08),
    ...(zoned ? { zone: random.pick(ZONES) } : {}),
    ...(inSet ? { availabilitySet: unmanaged ? 'shop-legacy-set' : 'shop-app-set' } : {}),
    ...(unmanaged
      ? { unmanagedIn: 'shoplegacydisks' }
      : inSet || random.chance(0.3)
        ? { placementGroup: 'shop-near' }
        : {}),
  });
}

export const randomEnvironment = (random: Random): Environment =>
  makeContosoWith({
    resourceGroups: [{ name: 'elsewhere', subscription: 'contoso-development', region: 'southeastasia' }],
    networks: [{ name: 'elsewhere-network', resourceGroup: 'elsewhere', subnets: ['front', 'web'] }],
    virtualMachines: Array.from({ length: VMS }, (_, i) => randomMachine(random, `random-${i + 1}`)),
  });

/** Contoso's one VM of the classic model. */
const CLASSIC_VM = makeResourceId('contoso-shop', 'Microsoft.ClassicCompute/virtualMachines', 'till');

const withChance = (random: Random, probability: number, what: object): object =>
  random.chance(probability) ? what : {};

function randomVmRequest(random: Random, { name, disks }: EnvironmentMachine) {
  const data = disks.slice(1).map((disk) => ({
    disk: disk.name,
    ...(random.chance(0.3) ? { exclude: true } : { targetType: random.pick(DISK_TYPES) }),
  }));
  return {
    id: makeVmId(name),
    ...withChance(random, 0.2, { size: random.pick(SIZES) }),
    ...withChance(random, 0.12, { zone: random.pick(ZONES) }),
    ...withChance(random, 0.1, { availability: random.pick(['single', 'set', 'zone']) }),
    ...withChance(random, 0.15, { placementGroupId: null }),
    ...withChance(random, 0.3, { disks: data }),
  };
}

/**
 * Valid settings are more likely than refused ones, because a request that fails as a whole shows
 * little.
 */
export function randomRequest(random: Random, { virtualMachines }: Environment): object {
  const generatedVms = virtualMachines.filter(({ name }) => name.startsWith('random-'));
  const vms = generatedVms.filter(() => random.chance(0.5));
  const region = random.pick(['southeastasia', 'southeastasia', 'southeastasia', 'japaneast', 'southindia']);
  const target =
    region === 'southeastasia'
      ? {
          region,
          ...withChance(random, 0.3, {
            subscription: DEVELOPMENT,
            resourceGroup: 'elsewhere',
            ...withChance(random, 0.6, {
              networkId: makeNetworkId('elsewhere', 'elsewhere-network', DEVELOPMENT),
            }),
          }),
        }
      : { region, resourceGroup: `shop-${region}` };
  return {
    target: {
      ...target,
      ...withChance(random, 0.3, {
        cacheStorageAccountId: makeStorageAccountId('contoso-shop', 'shopcacheeastasia'),
      }),
      ...withChance(random, 0.2, { targetDiskType: random.pick(DISK_TYPES) }),
    },
    ...vmFieldsOf(
      ...(vms.length > 0 ? vms : generatedVms.slice(0, 1)).map((entry) => randomVmRequest(random, entry)),
      ...(random.chance(0.5) ? [CLASSIC_VM] : []),
    ),
    ...withChance(random, 0.4, {
      vault: {
        id: makeResourceId('contoso-recovery-services', 'Microsoft.RecoveryServices/vaults', 'contoso-vault'),
      },
    }),
    ...withChance(random, 0.3, {
      policy: { retentionHours: 1 + random.below(72), appConsistentHours: random.pick(['off', 1, 4]) },
    }),
    ...withChance(random, 0.25, { multiVmGroup: { name: `group-${random.below(3)}` } }),
    ...withChance(random, 0.3, {
      source: { region: 'eastasia', subscription: PRODUCTION, resourceGroup: 'contoso-shop' },
    }),
  };
}
