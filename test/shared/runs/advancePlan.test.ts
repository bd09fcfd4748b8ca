// A poll of a plan's run, while another process writes the steps that the poll decides about.
import { buildGraph } from '../../../shared/plans/rules/buildGraph.ts';
import { raiseTimeToLiveAlarm } from '../../../shared/alarms/raise.ts';
import { advancePlan } from '../../../shared/runs/advancePlan.ts';
import { saveControl } from '../../../shared/journal/control.ts';
import { createDocument } from '../../../shared/store/cosmos.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { AnswerDocument, JobDocument, StepDocument } from '../../../shared/journal/documents.ts';
import { createJob } from '../../../shared/journal/job.ts';
import { createSteps, readStep } from '../../../shared/journal/steps.ts';
import { addVm } from '../../../shared/replications/registry.ts';
import { savePlan } from '../../../shared/plans/store.ts';
import { makeJobDocument, makeStepDocument } from '../../support/job-documents.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';
import { transitionStep } from '../../support/transitions.ts';
import { makeGroup, makePlan, vmId } from '../plans/arbitrary.ts';

const VAULT =
  '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v';
const plan = makePlan([
  makeGroup('a', [1], { rule: { onFailure: 'goOn' } }),
  makeGroup('b', [2], { waitsFor: ['a'] }),
]);

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(1);
  const at = (await store.now()).toISOString();
  const origin = { kind: 'own', by: { id: 'ada', name: 'ada' } } as const;
  await savePlan(
    {
      id: 'plan',
      type: 'plan',
      schema: SCHEMA_VERSION,
      planId: 'shop',
      origin,
      version: 1,
      fingerprint: '',
      plan,
      warnings: [],
      savedAt: at,
    },
    undefined,
  );
  await addVm({ id: 'vm', type: 'replicatedVm', vaultId: 'v', vaultArmId: VAULT } as Parameters<
    typeof addVm
  >[0]);
});
afterAll(() => store.close());

/** The failover of both VMs, one node each, with the given step states. */
async function runOf(jobId: string, ...stand: readonly Partial<StepDocument>[]): Promise<void> {
  const now = (await store.now()).toISOString();
  const command = {
    operation: 'failover',
    plan: 'shop',
    adopt: false,
    kind: 'unplanned',
    shutDownSource: false,
    exclude: [],
  } as unknown as JobDocument['command'];
  await createJob({
    ...makeJobDocument(jobId, now),
    command,
    state: 'running',
    run: 'r',
    laidOut: true,
    plan: { id: 'shop', version: 1, name: 'shop' },
  });
  const graph = buildGraph(plan, 'failover');
  if ('findings' in graph) throw new Error('The plan has no order.');
  const steps = graph.nodes
    .filter((node) => node.kind === 'vms' && node.main)
    .map((node, at): StepDocument => ({
      ...makeStepDocument(jobId, vmId(at + 1)),
      node: node.id,
      state: 'planned',
      ...stand[at],
    }));
  expect(steps).toHaveLength(2);
  await createSteps(jobId, steps);
}

const stepIn = async (jobId: string, vm: number) => {
  const step = await readStep(jobId, `step:failover:${vmId(vm)}`);
  if (!step) throw new Error('No step.');
  return step;
};

async function change(
  jobId: string,
  vm: number,
  ...changes: readonly Partial<StepDocument>[]
): Promise<void> {
  for (const step of changes)
    expect(await transitionStep(await stepIn(jobId, vm), step, await store.now())).toBeDefined();
}

/** A poll that has decided, and reads its steps only after another process has changed them. */
async function pollOnce(jobId: string, meanwhile: () => Promise<void>) {
  await store.faults.add({
    service: 'cosmos',
    method: 'POST',
    path: '/colls/jobs/docs',
    body: 'ARRAY_CONTAINS\\(@ids, c.id\\)',
    point: 'received',
    times: 1,
    do: { kind: 'hold' },
    id: 'held',
  });
  const advanced = advancePlan({ jobId, epoch: 1 }, raiseTimeToLiveAlarm);
  while (((await store.faults.list()).find(({ id }) => id === 'held')?.acted ?? 0) === 0) await store.now();
  await meanwhile();
  await store.faults.remove('held');
  return advanced;
}

test('the poll does not skip a step that started after its decision [OP-8]', async () => {
  await runOf('begun');
  await saveControl(
    'begun',
    undefined,
    { wish: 'cancelled', by: { id: 'ada', name: 'ada', roles: [], door: 'rest' }, reason: null },
    await store.now(),
  );
  const advanced = await pollOnce('begun', () =>
    change('begun', 1, { state: 'waiting' }, { state: 'started', attempt: 1 }),
  );
  expect(advanced).toMatchObject({ over: false, nextSeconds: 0 });
  expect(await stepIn('begun', 1)).toMatchObject({ state: 'started', error: null });
  expect(await stepIn('begun', 2)).toMatchObject({ state: 'skipped', error: { code: 'JobCancelled' } });
});

test('a person retries one try, and not the next failure [OP-6] [OP-8]', async () => {
  const failed = { state: 'failed', error: { kind: 'Rejected', code: 'X', message: 'x' } } as const;
  await runOf('again', failed);
  const stepId = `step:failover:${vmId(1)}`;
  const answer: AnswerDocument = {
    id: `answer:${stepId}:0:failure`,
    type: 'answer',
    schema: SCHEMA_VERSION,
    jobId: 'again',
    stepId,
    tries: 0,
    answer: 'tryAgain',
    by: { id: 'ada', name: 'ada' },
    reason: null,
    at: (await store.now()).toISOString(),
    subject: null,
  };
  await createDocument('jobs', answer);
  await pollOnce('again', () => change('again', 1, { state: 'planned', tries: 1 }, failed));
  expect(await stepIn('again', 1)).toMatchObject({ state: 'failed', tries: 1 });
});
