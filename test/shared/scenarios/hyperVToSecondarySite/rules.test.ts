// The pure rules of Hyper-V between VMM clouds, against the tables of New York and Chicago.
import fc from 'fast-check';

import {
  bandwidthNeed,
  capacityReport,
} from '../../../../shared/scenarios/hyperVToSecondarySite/rules/capacity.ts';
import {
  availableTargets,
  failbackNetwork,
  replicaConnection,
  type NetworkMapping,
} from '../../../../shared/scenarios/hyperVToSecondarySite/rules/networks.ts';
import { placeReplica } from '../../../../shared/scenarios/hyperVToSecondarySite/rules/placement.ts';
import {
  DEFAULT_PORTS,
  policyProblems,
  policyWarnings,
  type CloudPolicy,
} from '../../../../shared/scenarios/hyperVToSecondarySite/rules/policy.ts';
import {
  singleServerAdvice,
  singleServerProblems,
} from '../../../../shared/scenarios/hyperVToSecondarySite/rules/singleServer.ts';
import { loadEnvironment } from '../../../../simulator/environments/load.ts';

/** The path of a share, such as the one for an export. */
const sharePath = (server: string, share: string): string => ['', '', server, share].join('\\');

const environment = loadEnvironment('newyork-chicago');
const [newYork, chicago] = environment.onPremises.vmmServers;
const vmm = environment.vaults[0]?.vmm;
if (!newYork || !chicago || !vmm) throw new Error('New York and Chicago are missing.');

const network = (name: string) => {
  const found = [...newYork.vmNetworks, ...chicago.vmNetworks].find((candidate) => candidate.name === name);
  if (!found) throw new Error(`There is no network ${name}.`);
  return found;
};
const cloud = (name: string) => {
  const found = [...newYork.clouds, ...chicago.clouds].find((candidate) => candidate.name === name);
  if (!found) throw new Error(`There is no cloud ${name}.`);
  return found;
};
const pairs = vmm.cloudMappings.map(({ from, to }) => ({ source: cloud(from), target: cloud(to) }));

describe('networks', () => {
  it.each([
    ['VMNetwork1-Chicago', ['GoldCloud1', 'SilverCloud1']],
    ['VMNetwork2-Chicago', ['GoldCloud1']],
  ])('%s is available for the clouds of the example [H2H-3] [H2H-14]', (target, clouds) => {
    const available = availableTargets(network('VMNetwork1-NewYork'), chicago.vmNetworks, pairs);
    expect(available.find((found) => found.network === target)?.sourceClouds).toEqual(clouds);
  });

  it('a network of no cloud has no targets [H2H-3]', () => {
    expect(availableTargets(network('VMNetwork2-NewYork'), chicago.vmNetworks, pairs)).toEqual([]);
    expect(availableTargets(network('VMNetwork1-NewYork'), chicago.vmNetworks, [])).toEqual([]);
  });

  it.each([
    ['VMNetwork1-NewYork', 'clients', { network: 'VMNetwork1-Chicago', subnet: 'clients' }],
    ['VMNetwork1-NewYork', 'printers', { network: 'VMNetwork1-Chicago', subnet: 'servers' }],
    ['VMNetwork2-NewYork', 'servers', null],
  ])('a replica of %s in %s connects by the mapping [H2H-3] [H2H-14]', (from, subnet, expected) => {
    expect(replicaConnection({ network: from, subnet }, vmm.networkMappings, chicago.vmNetworks)).toEqual(
      expected,
    );
  });

  const AWAY = 'VMNetwork1-Chicago';
  const HOME = 'VMNetwork1-NewYork';
  const mapped: readonly NetworkMapping[] = vmm.networkMappings;
  const changed = [{ from: 'VMNetwork2-NewYork', to: AWAY }];
  it.each<[string, string | null, readonly NetworkMapping[], string | null]>([
    ['unchanged', AWAY, mapped, HOME],
    ['disconnected', null, mapped, null],
    ['on a network without a mapping', 'VMNetwork2-Chicago', mapped, null],
    [
      'on a mapped network',
      'VMNetwork2-Chicago',
      [...mapped, { from: 'VMNetwork2-NewYork', to: 'VMNetwork2-Chicago' }],
      'VMNetwork2-NewYork',
    ],
    ['under a changed mapping', AWAY, changed, 'VMNetwork2-NewYork'],
    ['disconnected under a changed mapping', null, changed, null],
  ])(
    'a replica %s decides the network of the failback [H2H-4] [H2H-14]',
    (_what, now, mappings, expected) => {
      expect(failbackNetwork({ original: HOME, replicaAtFailover: AWAY, replicaNow: now }, mappings)).toBe(
        expected,
      );
    },
  );

  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const mappings = fc.array(fc.record({ from: name, to: name }));

  it('each available target has a pair of clouds with both networks [H2H-3]', () => {
    const network = fc.record({ name, logicalNetwork: name, subnets: fc.constant(['s']) });
    const someCloud = fc.record({ name, logicalNetworks: fc.array(name) });
    fc.assert(
      fc.property(
        network,
        fc.array(network),
        fc.array(fc.record({ source: someCloud, target: someCloud })),
        (source, targets, some) => {
          const available = availableTargets(source, targets, some);
          expect(available.length).toBe(
            targets.filter((target) =>
              some.some(
                (pair) =>
                  pair.source.logicalNetworks.includes(source.logicalNetwork) &&
                  pair.target.logicalNetworks.includes(target.logicalNetwork),
              ),
            ).length,
          );
        },
      ),
    );
  });

  it('a failback follows a changed replica, and never a mapping that leads elsewhere [H2H-4]', () => {
    const maybe = fc.option(name);
    fc.assert(
      fc.property(maybe, maybe, maybe, mappings, (original, replicaAtFailover, replicaNow, some) => {
        const result = failbackNetwork({ original, replicaAtFailover, replicaNow }, some);
        const leadsThere = some.some(({ from, to }) => from === result && to === replicaNow);
        if (replicaNow === replicaAtFailover) expect(result === original || leadsThere).toBe(true);
        else expect(result === null || leadsThere).toBe(true);
      }),
    );
  });
});

describe('storage', () => {
  const places = chicago.storage.map(({ classification = null, ...place }) => ({ ...place, classification }));
  const targetOf = (from: string | undefined): string | null =>
    vmm.storageMappings.find((mapping) => mapping.from === from)?.to ?? null;

  it.each([
    ['VM1', ['TargetVolume1', 'TargetShare1']],
    ['VM2', ['TargetVolume1', 'TargetShare1']],
    ['VM3', ['TargetVolume2', 'TargetShare2']],
    ['VM4', ['TargetVolume2', 'TargetShare2']],
    ['VM5', ['chicago-hv-01-local', 'chicago-hv-02-local']],
  ])('%s goes where the example says [H2H-5] [H2H-15]', (vm, expected) => {
    const machine = newYork.virtualMachines.find((candidate) => candidate.name === vm);
    const placement = placeReplica(
      {
        diskSizesInGb: machine?.disks.map(({ sizeInGb }) => sizeInGb) ?? [],
        classification: targetOf(machine?.classification),
        logicalNetworks: [],
      },
      chicago.hosts,
      places,
    );
    expect(expected).toContain('place' in placement ? placement.place : undefined);
  });

  it('the target classifications are not mapped back, so a failback uses the default place [H2H-15]', () => {
    expect(chicago.classifications.map(targetOf)).toEqual([null, null, null]);
    const needs = { diskSizesInGb: [40], classification: targetOf('GOLD_TARGET'), logicalNetworks: [] };
    expect(placeReplica(needs, newYork.hosts, [])).toEqual({
      host: 'newyork-hv-01',
      place: 'newyork-hv-01-local',
      isDefaultPlace: true,
    });
  });

  const host = fc.constantFrom('h1', 'h2', 'h3');
  const place = fc.record({
    name: fc.string(),
    classification: fc.constantFrom('gold', 'silver', null),
    freeInGb: fc.nat(500),
    hosts: fc.array(host, { minLength: 1 }),
  });
  const hosts = fc.uniqueArray(
    fc.record({
      name: host,
      logicalNetworks: fc.subarray(['n1', 'n2']),
      defaultPlace: fc.constant('default'),
    }),
    { selector: ({ name }) => name },
  );

  it('a replica is on a host that reaches its network and its place, with most free space [H2H-3] [H2H-5]', () => {
    fc.assert(
      fc.property(hosts, fc.array(place), fc.nat(300), (some, all, size) => {
        const result = placeReplica(
          { diskSizesInGb: [size], classification: 'gold', logicalNetworks: ['n1'] },
          some,
          all,
        );
        const connected = some.filter(({ logicalNetworks }) => logicalNetworks.includes('n1'));
        if ('refusedFor' in result) {
          expect(result.refusedFor).toContain('noHost');
          return;
        }
        expect(connected.map(({ name }) => name)).toContain(result.host);
        const fitting = all.filter(
          ({ classification, freeInGb, hosts: reach }) =>
            classification === 'gold' &&
            freeInGb >= size &&
            connected.some(({ name }) => reach.includes(name)),
        );
        if (result.isDefaultPlace) {
          expect(fitting).toEqual([]);
          return;
        }
        const mostFree = Math.max(...fitting.map(({ freeInGb }) => freeInGb));
        expect(fitting).toContainEqual(expect.objectContaining({ name: result.place, freeInGb: mostFree }));
      }),
    );
  });

  it('is refused with its reason where no host reaches network and storage [H2H-3]', () => {
    const alone = { name: 'h1', logicalNetworks: ['n1'], defaultPlace: 'default' };
    const other = { name: 'h2', logicalNetworks: [], defaultPlace: 'default' };
    const gold = { name: 'gold-1', classification: 'gold', freeInGb: 100, hosts: ['h2'] };
    const needs = { diskSizesInGb: [10], classification: 'gold', logicalNetworks: ['n1'] };
    expect(placeReplica(needs, [other], [gold])).toEqual({ refusedFor: 'noHostReachesNetwork' });
    expect(placeReplica(needs, [alone, other], [gold])).toEqual({
      refusedFor: 'noHostReachesNetworkAndStorage',
    });
  });
});

describe('a policy', () => {
  const good: CloudPolicy = {
    hostVersion: '2012R2',
    copyEverySeconds: 30,
    recoveryPoints: 4,
    snapshotEveryHours: 2,
    port: DEFAULT_PORTS.certificate,
    initialReplication: 'now',
  };

  it.each<[keyof CloudPolicy, Partial<CloudPolicy>]>([
    ['copyEverySeconds', { copyEverySeconds: 60 }],
    ['copyEverySeconds', { hostVersion: '2012' }],
    ['recoveryPoints', { recoveryPoints: 25 }],
    ['recoveryPoints', { hostVersion: '2012', copyEverySeconds: 300, recoveryPoints: 16 }],
    ['snapshotEveryHours', { snapshotEveryHours: 13, recoveryPoints: 24 }],
    ['snapshotEveryHours', { snapshotEveryHours: 4 }],
    ['port', { port: 0 }],
    ['startTime', { initialReplication: 'atTime', startTime: '24:00' }],
    ['exportPath', { initialReplication: 'offline', importPath: sharePath('files', 'import') }],
    ['importPath', { initialReplication: 'offline', exportPath: sharePath('files', 'export') }],
  ])('is refused for its %s [H2H-2]', (field, change) => {
    expect(policyProblems({ ...good, ...change }).map((found) => found.field)).toContain(field);
  });

  it('within its bounds has no problem, and snapshots have a warning [H2H-2]', () => {
    expect(policyProblems(good)).toEqual([]);
    expect(policyProblems({ ...good, initialReplication: 'atTime', startTime: '22:30' })).toEqual([]);
    expect(policyWarnings(good)).toHaveLength(1);
    expect(policyWarnings({ ...good, snapshotEveryHours: 0 })).toEqual([]);
  });

  it('has snapshots less often than recovery points [H2H-2]', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2, max: 15 }), fc.integer({ min: -1, max: 26 }), (hours, points) => {
        const problems = policyProblems({ ...good, snapshotEveryHours: hours, recoveryPoints: points });
        const isFine =
          points >= 0 && points <= 24 && hours >= 0 && hours <= 12 && (hours === 0 || hours < points);
        expect(problems.length === 0).toBe(isFine);
      }),
    );
  });
});

describe('one VMM server for two sites', () => {
  const request = {
    sourceServer: 'riverside-vmm',
    targetServer: 'riverside-vmm',
    sourceCloud: 'East',
    targetCloud: 'West',
    initialReplication: 'now' as const,
    serverMachine: 'vmm',
    machinesInSourceCloud: ['ledger'],
  };

  it('allows two clouds and the network, and nothing else [H2H-16]', () => {
    expect(singleServerProblems(request)).toEqual([]);
    expect(singleServerProblems({ ...request, targetCloud: 'East' })).toEqual(['SameCloud']);
    expect(singleServerProblems({ ...request, initialReplication: 'offline' })).toEqual([
      'OfflineWithOneServer',
    ]);
    expect(singleServerProblems({ ...request, machinesInSourceCloud: ['vmm'] })).toEqual([
      'VmmServerInProtectedCloud',
    ]);
    expect(singleServerAdvice(request)).toHaveLength(2);
  });

  it('has no meaning for two servers [H2H-16]', () => {
    const two = { ...request, targetServer: 'chicago-vmm', initialReplication: 'offline' as const };
    expect(singleServerProblems(two)).toEqual([]);
    expect(singleServerAdvice(two)).toEqual([]);
  });
});

describe('the capacity report', () => {
  it('adds machines, disks, storage, churn and bandwidth, as in the example [H2H-9]', () => {
    // Two machines change 12 MB in each half minute, for one hour.
    const churnInMb = Array.from({ length: 120 }, () => 12);
    const machines = [
      { name: 'a', diskSizesInGb: [80, 120], churnInMb },
      { name: 'b', diskSizesInGb: [150], churnInMb },
    ];
    const report = capacityReport({
      machines,
      recoveryPoints: 4,
      copyEverySeconds: 300,
      linkInMbitPerSecond: 10,
    });
    expect(report).toEqual({
      machines: 2,
      disks: 3,
      replicaStorageInGb: 350,
      recoveryPointStorageInGb: 11.25,
      churnInGbPerDay: 67.5,
      bandwidth: [30, 300, 900].map((copyEverySeconds) => ({ copyEverySeconds, mbitPerSecond: 6.4 })),
      throttling: { copyEverySeconds: 300, limitInMbitPerSecond: 8 },
    });
    const small = capacityReport({
      machines,
      recoveryPoints: 4,
      copyEverySeconds: 30,
      linkInMbitPerSecond: 7,
    });
    expect(small.throttling?.limitInMbitPerSecond).toBeNull();
    expect(capacityReport({ machines: [], recoveryPoints: 0, copyEverySeconds: 30 }).throttling).toBeNull();
  });

  it('a shorter interval needs at least the bandwidth of a longer one [H2H-9]', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 200 }), (churn) => {
        const [often, seldom, rare] = [30, 300, 900].map(
          (every) => bandwidthNeed(churn, every).mbitPerSecond,
        );
        expect(often).toBeGreaterThanOrEqual((seldom ?? 0) - 1e-9);
        expect(seldom).toBeGreaterThanOrEqual((rare ?? 0) - 1e-9);
      }),
    );
  });
});
