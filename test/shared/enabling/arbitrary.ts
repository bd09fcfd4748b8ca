// Random environments, and random requests about them.
import fc from 'fast-check';
import type { AzureFacts, SourceVm } from '../../../shared/azure/facts.ts';
import { previewEnabling } from '../../../shared/scenarios/azureToAzure/enabling/previewEnabling.ts';
import type { PrepareRequest } from '../../../shared/scenarios/azureToAzure/enabling/request/request.ts';
import { applyPreview } from './apply-preview.ts';
import {
  FACTS,
  PRODUCTION,
  makeBlobDisk,
  makeDisk,
  groupId,
  makeVm,
  nearId,
  makeNetwork,
  networkId,
  makeNic,
  makeSecurityRule,
  makeSecurityGroup,
  securityGroupId,
  availabilitySetId,
  makeRequest,
  storageAccountId,
} from './facts.ts';

const GROUPS = ['shop', 'ledger'];
const group = fc.constantFrom(...GROUPS);
const rarely = <T>(...values: T[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...values) },
  );

interface VmTraits {
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
const anyTraits: fc.Arbitrary<VmTraits> = fc.record({
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

function makeVmFromTraits(vmTraits: VmTraits, at: number): SourceVm {
  const name = `vm-${at}`;
  const disks = {
    managed: [makeDisk(`${name}-os`), makeDisk(`${name}-data`)],
    zoneRedundant: [makeDisk(`${name}-os`, { accountType: 'Premium_ZRS' })],
    ultra: [makeDisk(`${name}-os`), makeDisk(`${name}-data`, { accountType: 'UltraSSD_LRS' })],
    unmanaged: [makeBlobDisk(`${name}-os`)],
  }[vmTraits.disks];
  const set =
    vmTraits.kind === 'set'
      ? availabilitySetId(vmTraits.disks === 'unmanaged' ? 'old-set' : 'app-set')
      : vmTraits.kind === 'pinnedSet'
        ? availabilitySetId('pinned-set')
        : null;
  return makeVm(name, {
    resourceGroup: vmTraits.group,
    size: vmTraits.size,
    power: vmTraits.power,
    agentReady: vmTraits.agent,
    disks,
    availabilitySetId: set,
    zone: vmTraits.kind === 'zone' ? vmTraits.zone : null,
    placementGroupId: vmTraits.near ? nearId('near') : vmTraits.kind === 'pinnedSet' ? nearId('near') : null,
    nics: [
      makeNic(`${name}-nic`, {
        networkId: networkId('shop-network', vmTraits.network),
        subnet: vmTraits.subnet,
        securityGroupId: vmTraits.closed ? securityGroupId('closed') : null,
      }),
    ],
  });
}

export const anyFacts: fc.Arbitrary<AzureFacts> = fc
  .record({
    vms: fc.array(anyTraits, { minLength: 1, maxLength: 8 }),
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
    vms: vms.map(makeVmFromTraits),
    networks: GROUPS.map((text) => makeNetwork('shop-network', 'eastasia', text)),
    securityGroups: [makeSecurityGroup('closed', [makeSecurityRule('nothing-out', 200)])],
    storageAccounts: [
      {
        id: storageAccountId('shoplegacy'),
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
        id: availabilitySetId('old-set'),
        name: 'old-set',
        region: 'eastasia',
        faultDomains: 2,
        updateDomains: 5,
        aligned: false,
        placementGroupId: null,
      },
      {
        id: availabilitySetId('pinned-set'),
        name: 'pinned-set',
        region: 'eastasia',
        faultDomains: 2,
        updateDomains: 5,
        aligned: true,
        placementGroupId: nearId('near'),
      },
    ],
    quotas: FACTS.quotas.map((quota) => (quota.name === 'cores' ? { ...quota, limit } : quota)),
    takenAccountNames: taken ? ['shoplegacyasr'] : [],
  }));

const anyPlacement = fc.record({
  zone: rarely('2'),
  availability: rarely('single', 'zone', 'set'),
  resourceGroup: rarely('elsewhere', 'shop-asr'),
  size: rarely('Standard_D4s_v5'),
  targetDiskType: rarely('Standard_LRS'),
  placementGroupId: rarely(null),
});
const withoutUndefined = (entry: object): object =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));

export const anyRequest = (facts: AzureFacts): fc.Arbitrary<PrepareRequest> =>
  fc
    .record({
      target: fc.oneof(
        fc.constant({ region: 'southeastasia' }),
        fc.constant({ region: 'southindia' }),
        fc.constant({ region: 'eastasia', zone: '1' }),
        anyPlacement.map((own) => ({ region: 'southeastasia', ...own })),
      ),
      own: fc.array(anyPlacement, { minLength: facts.vms.length, maxLength: facts.vms.length }),
      exclude: fc.boolean(),
      grouped: fc.boolean(),
      allowFailedChecks: fc.subarray(['PRE-2', 'PRE-4', 'PRE-10']),
    })
    .map(({ target, own, exclude, grouped, allowFailedChecks }) =>
      makeRequest(
        facts.vms.map((vm, at) => ({
          id: vm.id,
          ...withoutUndefined(own[at] ?? {}),
          disks: exclude
            ? vm.disks.filter(({ isOs }) => !isOs).map(({ name }) => ({ disk: name, exclude: true }))
            : [],
        })),
        {
          target: withoutUndefined(target),
          allowFailedChecks,
          ...(grouped && { multiVmGroup: { name: 'shop' } }),
        },
      ),
    );

/** Starts without prerequisites, or with those that an earlier request about some of the VMs created. */
export const anyCase: fc.Arbitrary<{ readonly facts: AzureFacts; readonly request: PrepareRequest }> =
  anyFacts
    .chain((facts) => fc.tuple(fc.constant(facts), anyRequest(facts), fc.nat(facts.vms.length), fc.boolean()))
    .map(([facts, earlier, selected, fresh]) =>
      fresh
        ? facts
        : applyPreview(facts, previewEnabling(facts, { ...earlier, vms: earlier.vms.slice(0, selected) })),
    )
    .chain((facts) => anyRequest(facts).map((request) => ({ facts, request })));
