// Random environments, and random wishes about them.
import fc from 'fast-check';
import type { Facts, SourceVm } from '../../../shared/azure/facts.ts';
import { previewEnabling } from '../../../shared/enabling/rules/previewEnabling.ts';
import type { PrepareWish } from '../../../shared/enabling/rules/request/request.ts';
import { applied } from './applied.ts';
import {
  FACTS,
  PRODUCTION,
  blob,
  disk,
  groupId,
  machine,
  nearId,
  network,
  networkId,
  nic,
  rule,
  securityGroup,
  securityId,
  setId,
  wishFor,
  accountId,
} from './environment.ts';

const GROUPS = ['shop', 'ledger'];
const group = fc.constantFrom(...GROUPS);
const seldom = <T>(...values: T[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...values) },
  );

interface Traits {
  readonly group: string;
  readonly network: string;
  readonly size: string;
  readonly kind: 'single' | 'set' | 'pinnedSet' | 'zone';
  readonly zone: string;
  readonly near: boolean;
  readonly disks: 'managed' | 'zoneRedundant' | 'ultra' | 'unmanaged';
  readonly power: SourceVm['power'];
  readonly agent: boolean;
  readonly subnet: string;
  readonly closed: boolean;
}
const traits: fc.Arbitrary<Traits> = fc.record({
  group,
  network: fc.constantFrom('shop', 'ledger'),
  size: fc.constantFrom(
    'Standard_D2s_v5',
    'Standard_E8s_v5',
    'Standard_L8s_v3',
    'Standard_M64s',
    'Standard_Unknown',
  ),
  kind: fc.constantFrom('single', 'set', 'pinnedSet', 'zone'),
  zone: fc.constantFrom('1', '2', '3'),
  near: fc.boolean(),
  disks: fc.oneof(
    { weight: 5, arbitrary: fc.constant('managed' as const) },
    {
      weight: 3,
      arbitrary: fc.constantFrom('zoneRedundant' as const, 'ultra' as const, 'unmanaged' as const),
    },
  ),
  power: fc.oneof(
    { weight: 9, arbitrary: fc.constant('running' as const) },
    { weight: 1, arbitrary: fc.constant('deallocated' as const) },
  ),
  agent: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  subnet: fc.constantFrom('web', 'app', 'data'),
  closed: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

function vmOf(one: Traits, at: number): SourceVm {
  const name = `vm-${at}`;
  const disks = {
    managed: [disk(`${name}-os`), disk(`${name}-data`)],
    zoneRedundant: [disk(`${name}-os`, { accountType: 'Premium_ZRS' })],
    ultra: [disk(`${name}-os`), disk(`${name}-data`, { accountType: 'UltraSSD_LRS' })],
    unmanaged: [blob(`${name}-os`)],
  }[one.disks];
  const set =
    one.kind === 'set'
      ? setId(one.disks === 'unmanaged' ? 'old-set' : 'app-set')
      : one.kind === 'pinnedSet'
        ? setId('pinned-set')
        : null;
  return machine(name, {
    resourceGroup: one.group,
    size: one.size,
    power: one.power,
    agentReady: one.agent,
    disks,
    availabilitySetId: set,
    zone: one.kind === 'zone' ? one.zone : null,
    placementGroupId: one.near ? nearId('near') : one.kind === 'pinnedSet' ? nearId('near') : null,
    nics: [
      nic(`${name}-nic`, {
        networkId: networkId('shop-network', one.network),
        subnet: one.subnet,
        securityGroupId: one.closed ? securityId('closed') : null,
      }),
    ],
  });
}

export const environments: fc.Arbitrary<Facts> = fc
  .record({
    vms: fc.array(traits, { minLength: 1, maxLength: 8 }),
    limit: fc.integer({ min: 0, max: 200 }),
    taken: fc.boolean(),
    oldGroup: fc.boolean(),
  })
  .map(({ vms, limit, taken, oldGroup }) => ({
    ...FACTS,
    resourceGroups: [
      ...FACTS.resourceGroups,
      ...(oldGroup
        ? [{ id: groupId('shop-asr'), name: 'shop-asr', subscription: PRODUCTION, region: 'southindia' }]
        : []),
    ],
    vms: vms.map(vmOf),
    networks: GROUPS.map((one) => network('shop-network', 'eastasia', one)),
    securityGroups: [securityGroup('closed', [rule('nothing-out', 200)])],
    storageAccounts: [
      {
        id: accountId('shoplegacy'),
        name: 'shoplegacy',
        subscription: PRODUCTION,
        region: 'eastasia',
        sku: 'Premium_LRS',
        kind: 'Storage',
        madeAsCache: false,
      },
    ],
    availabilitySets: [
      ...FACTS.availabilitySets,
      {
        id: setId('old-set'),
        name: 'old-set',
        region: 'eastasia',
        faultDomains: 2,
        updateDomains: 5,
        aligned: false,
        placementGroupId: null,
      },
      {
        id: setId('pinned-set'),
        name: 'pinned-set',
        region: 'eastasia',
        faultDomains: 2,
        updateDomains: 5,
        aligned: true,
        placementGroupId: nearId('near'),
      },
    ],
    quotas: FACTS.quotas.map((one) => (one.name === 'cores' ? { ...one, limit } : one)),
    takenAccountNames: taken ? ['shoplegacyasr'] : [],
  }));

const placing = fc.record({
  zone: seldom('2'),
  availability: seldom('single', 'zone', 'set'),
  resourceGroup: seldom('elsewhere', 'shop-asr'),
  size: seldom('Standard_D4s_v5'),
  targetDiskType: seldom('Standard_LRS'),
  placementGroupId: seldom(null),
});
const drop = (one: object): object =>
  Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));

export const wishes = (facts: Facts): fc.Arbitrary<PrepareWish> =>
  fc
    .record({
      target: fc.oneof(
        fc.constant({ region: 'southeastasia' }),
        fc.constant({ region: 'southindia' }),
        fc.constant({ region: 'eastasia', zone: '1' }),
        placing.map((own) => ({ region: 'southeastasia', ...own })),
      ),
      own: fc.array(placing, { minLength: facts.vms.length, maxLength: facts.vms.length }),
      exclude: fc.boolean(),
      grouped: fc.boolean(),
      allowFailedChecks: fc.subarray(['PRE-2', 'PRE-4', 'PRE-10']),
    })
    .map(({ target, own, exclude, grouped, allowFailedChecks }) =>
      wishFor(
        facts.vms.map((vm, at) => ({
          id: vm.id,
          ...drop(own[at] ?? {}),
          disks: exclude
            ? vm.disks.filter(({ isOs }) => !isOs).map(({ name }) => ({ disk: name, exclude: true }))
            : [],
        })),
        { target: drop(target), allowFailedChecks, ...(grouped && { multiVmGroup: { name: 'shop' } }) },
      ),
    );

/** On fresh ground, or on what an earlier wish about some of the VMs has left behind. */
export const cases: fc.Arbitrary<{ readonly facts: Facts; readonly wish: PrepareWish }> = environments
  .chain((facts) => fc.tuple(fc.constant(facts), wishes(facts), fc.nat(facts.vms.length), fc.boolean()))
  .map(([facts, earlier, some, fresh]) =>
    fresh ? facts : applied(facts, previewEnabling(facts, { ...earlier, vms: earlier.vms.slice(0, some) })),
  )
  .chain((facts) => wishes(facts).map((wish) => ({ facts, wish })));
