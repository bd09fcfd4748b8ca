// The store's data about a run before its start: the locks in its way, and its duration by history.
import {
  keyOfAction,
  keyOfPhase,
  keyOfVm,
  pickRepresentatives,
} from '../../../shared/plans/rules/durations.ts';
import { readExpectedDurations, saveLearnedDurations } from '../../../shared/journal/learnedDurations.ts';
import {
  previewFromStore,
  previewWithRecoveryPoints,
  PreviewRequest,
  runFactsOf,
} from '../../../shared/runs/previewFromStore.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import type { StepDocument } from '../../../shared/journal/documents.ts';
import {
  addSamples,
  samplesPartitionOf,
  readCommonSamples,
  readSamples,
} from '../../../shared/journal/durationSamples.ts';
import { createJob, transitionJob, readJob } from '../../../shared/journal/job.ts';
import { createSteps } from '../../../shared/journal/steps.ts';
import { addVm, createLocks } from '../../../shared/replications/registry.ts';
import { makeJobDocument, makeStepDocument } from '../../support/job-documents.ts';
import { savePlanDocument } from '../../support/job-fixtures.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';
import { makeGroup, makePlan, vmId, waitAction } from '../plans/arbitrary.ts';

const site = (region: string) => ({
  region,
  resourceGroupId: '/subscriptions/s/resourceGroups/g',
  cacheStorageAccountId: 'cache',
});
const READY = {
  protectionState: 'Protected',
  activeLocation: 'Primary',
  allowedOperations: ['TestFailover', 'UnplannedFailover'],
  health: 'Normal',
  at: '',
};
const TESTING = { ...READY, allowedOperations: ['TestFailoverCleanup', 'UnplannedFailover'] };
const settings = {
  size: null,
  resourceGroupId: '',
  networkId: null,
  testNetworkId: null,
  nics: [],
  availabilitySetId: null,
  zone: null,
  placementGroupId: null,
  recoveryContainerId: '',
  sourceZone: null,
  disks: [],
};
const vm = (at: number, more: Partial<ReplicatedVmDocument> = {}): ReplicatedVmDocument => ({
  id: vmId(at),
  type: 'replicatedVm',
  schema: SCHEMA_VERSION,
  vaultId: 'vault-1',
  vaultArmId: '/v',
  scenario: 'azureToAzure',
  name: `web${at}`,
  lifecycleId: vmId(at),
  armId: `/items/${at}`,
  sourceVmId: `/vms/${at}`,
  direction: 'original',
  sites: { original: site('eastasia'), reversed: site('southeastasia') },
  seen: READY,
  movedBy: null,
  missingSince: null,
  settings: { ...settings, multiVmGroup: null },
  ...more,
});
const inGroup = (at: number, more: Partial<ReplicatedVmDocument> = {}) =>
  vm(at, { ...more, settings: { ...settings, multiVmGroup: { id: 'group', name: 'orders' } } });

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(3, { LIFEBOAT_REGION: 'eastasia' });
  const vms = [vm(0), vm(1, { vaultId: 'vault-2' }), inGroup(2), inGroup(3), vm(4, { seen: TESTING }), vm(5)];
  for (const replicatedVm of vms) await addVm(replicatedVm);
});
afterAll(() => store.close());

const day = (at: number): string => new Date(Date.UTC(2026, 0, 1 + at)).toISOString();

test('a preview over two vaults uses the history of VMs and actions, and names locks [PLAN-2]', async () => {
  const run = {
    planId: 'shop',
    plan: makePlan([
      makeGroup('data', [0], { before: [{ kind: 'manual', name: 'call', instructions: 'Call.' }] }),
      makeGroup('web', [1], { waitsFor: ['data'] }),
    ]),
  };
  expect((await previewFromStore(run, 'failover')).preview).toMatchObject({
    canRun: true,
    usualSeconds: 320,
    unknown: ['g0.before.0'],
    obstacles: [{ code: 'SourceIsHome', refuses: false }],
  });

  const threeSamples = (key: string, seconds: number) =>
    [0, 1, 2].map((at) => ({ key, seconds: seconds + at, at: day(at) }));
  await addSamples(samplesPartitionOf('vault-1'), threeSamples(keyOfVm('failover', vmId(0)), 400));
  await addSamples(samplesPartitionOf('vault-2'), threeSamples(keyOfPhase('failover'), 200));
  await addSamples('shop', threeSamples(keyOfAction('manual', 'call'), 60));
  const { preview, vms } = await previewFromStore(run, 'failover');
  expect(preview).toMatchObject({ usualSeconds: 61 + 401 + 201, slowSeconds: 62 + 402 + 202, unknown: [] });
  expect(vms.map(({ id }) => id).sort()).toEqual([vmId(0), vmId(1)]);

  await createLocks([{ vaultId: 'vault-2', targetId: vmId(1) }], 'job-1', 1, new Date());
  expect((await previewFromStore(run, 'failover')).preview).toMatchObject({
    canRun: false,
    obstacles: expect.arrayContaining([
      expect.objectContaining({
        vm: vmId(1),
        code: 'VmHeld',
        message: expect.stringContaining('job-1') as string,
      }),
    ]) as unknown,
  });
});

test('part of a multi-VM group, a lost VM or circular groups refuse a run [PLAN-2] [A2A-15]', async () => {
  const part = await previewFromStore(
    { planId: 'part', plan: makePlan([makeGroup('all', [2])]) },
    'failover',
  );
  expect(part.preview).toMatchObject({
    canRun: false,
    obstacles: expect.arrayContaining([
      expect.objectContaining({
        vm: null,
        code: 'GroupIncomplete',
        message: expect.stringContaining(`web3 (${vmId(3)})`) as string,
      }),
    ]) as unknown,
  });
  expect(
    (
      await previewFromStore({ planId: 'part', plan: makePlan([makeGroup('all', [2])]) }, 'commit')
    ).preview.obstacles.map(({ code }) => code),
  ).not.toContain('GroupIncomplete');
  const whole = { planId: 'whole', plan: makePlan([makeGroup('all', [2, 3])]) };
  expect((await previewFromStore(whole, 'failover')).preview.canRun).toBe(true);
  const { multiVmGroupOf } = runFactsOf([inGroup(2), inGroup(3), vm(5), inGroup(6, { seen: TESTING })]);
  const keys = [2, 3, 5, 6].map((at) => multiVmGroupOf?.(vmId(at)));
  expect([keys[0] === keys[1], keys[2], keys[3] === keys[0]]).toEqual([true, null, false]);

  expect(
    (await previewFromStore({ planId: 'gone', plan: makePlan([makeGroup('all', [9])]) }, 'failover')).preview,
  ).toMatchObject({
    canRun: false,
    obstacles: expect.arrayContaining([expect.objectContaining({ code: 'VmUnknown' })]) as unknown,
  });
  const round = makePlan([
    makeGroup('a', [0], { waitsFor: ['b'] }),
    makeGroup('b', [1], { waitsFor: ['a'] }),
  ]);
  await expect(previewFromStore({ planId: 'round', plan: round }, 'failover')).rejects.toMatchObject({
    code: 'PlanInvalid',
  });
});

test('a preview leaves out the excluded VMs with their actions, and refuses a foreign id [OP-2]', async () => {
  const perVm = { [vmId(5)]: { before: [{ kind: 'manual', name: 'ask', instructions: 'Ask.' } as const] } };
  await savePlanDocument('some', makePlan([makeGroup('all', [0, 5, 9], { perVm })]));
  const preview = async (exclude: readonly string[]) =>
    previewWithRecoveryPoints(
      'some',
      PreviewRequest.parse({ operation: 'failover', recoveryPoint: 'latest', exclude }),
    );
  const codes = async (exclude: readonly string[]) =>
    (await preview(exclude)).obstacles.flatMap(({ code, refuses }) => (refuses ? [code] : []));

  const whole = await preview([]);
  expect([whole.vms.map(({ vm: id }) => id), whole.exclude]).toEqual([[vmId(0), vmId(5), vmId(9)], []]);
  expect(await codes([])).toContain('VmUnknown');
  const some = await preview([vmId(9), vmId(5)]);
  expect([some.vms.map(({ vm: id }) => id), some.exclude]).toEqual([[vmId(0)], [vmId(9), vmId(5)]]);
  expect(await codes([vmId(9), vmId(5)])).not.toContain('VmUnknown');
  expect([whole.unknown, some.unknown]).toEqual([[expect.stringContaining(vmId(5))], []]);
  expect(await codes([vmId(0), vmId(5), vmId(9)])).toEqual(['PlanEmpty']);
  await expect(preview([vmId(7)])).rejects.toMatchObject({ code: 'VmNotInPlan' });
});

test('the run first cleans up a drill in progress, and the preview shows its minutes [OP-2] [OP-6]', async () => {
  const run = {
    planId: 'drilled',
    plan: makePlan([makeGroup('all', [4, 5], { before: [waitAction('quiet')] })]),
  };
  const { preview } = await previewFromStore(run, 'failover');
  expect(preview).toMatchObject({
    canRun: true,
    addedByDrillSeconds: 95 - 60,
    obstacles: expect.arrayContaining([expect.objectContaining({ code: 'DrillInProgress' })]) as unknown,
  });
  expect(preview.vms.find(({ vm: id }) => id === vmId(4))?.phases.map(({ phase }) => phase)).toEqual([
    'cleanUpTestFailover',
    'failover',
  ]);
});

test('the history has a limit, and a repeated sample counts once [PLAN-2]', async () => {
  const samples = Array.from({ length: 30 }, (_, at) => ({
    key: keyOfPhase('commit'),
    seconds: at,
    at: day(at),
  }));
  await addSamples('learned:some', samples.slice(0, 25));
  await addSamples('learned:some', samples.slice(10));
  await addSamples('learned:some', samples.slice(0, 5));
  const kept = (await readCommonSamples('learned:some')).map(({ seconds }) => seconds);
  expect(kept).toEqual(Array.from({ length: 20 }, (_, at) => 29 - at));
  const key = keyOfVm('commit', vmId(0));
  await Promise.all(
    [1, 2, 3, 4].map((at) => addSamples('learned:some', [{ key, seconds: at, at: day(at) }])),
  );
  expect((await readSamples('learned:some', [key])).map(({ seconds }) => seconds)).toEqual([4, 3, 2, 1]);
  expect(await readSamples('learned:other', [key])).toEqual([]);
});

test('a job adds the times of its own first tries to the history once, after its end [JOB-2]', async () => {
  const at = (seconds: number): string => new Date(Date.UTC(2026, 5, 1) + seconds * 1000).toISOString();
  const took = (name: string, seconds: number, more: Partial<StepDocument> = {}): StepDocument => ({
    ...makeStepDocument('job-learned', name),
    vaultId: 'vault-3',
    state: 'succeeded',
    attempt: 1,
    startedAt: at(0),
    armStartedAt: at(10),
    armEndedAt: at(seconds - 5),
    endedAt: at(seconds),
    ...more,
  });
  const ask = { kind: 'manual' as const, name: 'call', instructions: 'Call.', alsoIn: [], critical: true };
  await createJob({
    ...makeJobDocument('job-learned', at(0)),
    plan: { id: 'learning', version: 1, name: 'Learning' },
  });
  await createSteps('job-learned', [
    took('vm-1', 100),
    took('vm-2', 200),
    took('vm-3', 300, { state: 'takenOver', foreign: true }),
    took('vm-4', 400, { tries: 1 }),
    took('vm-5', 500, { state: 'failed' }),
    took('vm-6', 600, {
      work: {
        kind: 'multiVmGroup',
        nativePlanId: 'p',
        vms: [
          { id: 'vm-7', name: 'a' },
          { id: 'vm-8', name: 'b' },
        ],
        points: null,
        networkId: null,
      },
    }),
    took('call', 50, {
      id: 'step:action:call',
      phase: 'action',
      work: { kind: 'action', action: ask, group: null, vm: null },
    }),
  ]);
  await saveLearnedDurations('job-learned');
  expect(await readCommonSamples(samplesPartitionOf('vault-3'))).toEqual([]);
  const running = await readJob('job-learned');
  if (running) await transitionJob(running, 'begin', { state: 'running' }, [], new Date());
  const ended = await readJob('job-learned');
  if (ended) await transitionJob(ended, 'close', { state: 'completed' }, [], new Date());
  for (let times = 0; times < 2; times++) {
    await saveLearnedDurations('job-learned');
    const common = await readCommonSamples(samplesPartitionOf('vault-3'));
    expect(
      common
        .filter(({ key }) => key === keyOfPhase('failover'))
        .map(({ seconds }) => seconds)
        .sort(),
    ).toEqual([100, 200, 600]);
    expect(
      common
        .filter(({ key }) => key === 'job:failover')
        .map(({ seconds }) => seconds)
        .sort(),
    ).toEqual([185, 585, 85]);
    expect(
      (
        await readSamples(
          samplesPartitionOf('vault-3'),
          ['vm-1', 'vm-3', 'vm-4', 'vm-7', 'vm-8'].map((id) => keyOfVm('failover', id)),
        )
      )
        .map(({ seconds }) => seconds)
        .sort(),
    ).toEqual([100, 600, 600]);
    expect(await readSamples('learning', [keyOfAction('manual', 'call')])).toMatchObject([{ seconds: 50 }]);
  }
  expect(
    await readExpectedDurations({ jobId: 'job-next', phase: 'failover', vaultId: 'vault-3' }),
  ).toMatchObject({
    job: { minSeconds: expect.closeTo(76.5) as number, maxSeconds: expect.closeTo(643.5) as number },
  });
  expect(await readExpectedDurations({ jobId: 'job-next', phase: 'commit', vaultId: 'vault-3' })).toEqual({
    job: undefined,
    settling: undefined,
  });
});

test('a few VMs represent a job of thousands, with the fastest and the slowest among them [JOB-2]', () => {
  const many = Array.from({ length: 5000 }, (_, at) => ({ key: 'k', seconds: at, at: day(0) }));
  expect(pickRepresentatives(many).map(({ seconds }) => seconds)).toEqual([0, 1250, 2500, 3750, 4999]);
  expect([pickRepresentatives([]), pickRepresentatives(many.slice(0, 2)).length]).toEqual([[], 2]);
});
