// How long things usually take, as the jobs of the past have shown.
import {
  keyOfAction,
  keyOfJob,
  keyOfPhase,
  keyOfSettling,
  keyOfVm,
  learn,
  rangeOf,
  representatives,
  type Learned,
  type Sample,
} from '../plans/rules/durations.ts';
import { actionsOfPlan } from '../plans/rules/runs.ts';
import type { Plan } from '../plans/rules/plan.ts';
import { aroundLearned, type Expected } from '../core/polling.ts';
import { isOperation, Operation, type Phase } from '../core/words.ts';
import { isFinalJob } from '../core/states/job.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import type { StepDocument } from './documents.ts';
import { addSamples, learnedOfVault, readCommonSamples, readSamples } from './durations.ts';
import { readJob } from './job.ts';
import { stepsOf } from './steps.ts';

const PHASES = Object.values(Operation)
  .filter((one) => one !== 'failback' && one !== 'prepareVault')
  .filter(isOperation);

/** All that was learned of a plan's VMs, of their vaults, and of its actions. */
export async function learnedFor(
  { planId, plan }: { readonly planId: string; readonly plan: Plan },
  vms: readonly ReplicatedVmDocument[],
): Promise<Learned> {
  const actions = actionsOfPlan(plan).map(({ kind, name }) => keyOfAction(kind, name));
  const samples = await Promise.all([
    ...(actions.length > 0 ? [readSamples(planId, actions)] : []),
    ...[...Map.groupBy(vms, ({ vaultId }) => vaultId)].flatMap(([vaultId, members]) => [
      readCommonSamples(learnedOfVault(vaultId)),
      readSamples(
        learnedOfVault(vaultId),
        members.flatMap(({ id }) => PHASES.map((phase) => keyOfVm(phase, id))),
      ),
    ]),
  ]);
  return learn(samples.flat());
}

/** What a job that has ended has shown. Safe to repeat: the same samples once more change nothing. */
export async function learnFrom(jobId: string): Promise<void> {
  const job = await readJob(jobId);
  if (!job || !isFinalJob(job.state)) return;
  const clean = (await stepsOf(jobId)).filter(isClean);
  for (const [vaultId, steps] of Map.groupBy(
    clean.filter(({ phase }) => isOperation(phase)),
    (step) => step.vaultId,
  )) {
    await addSamples(
      learnedOfVault(vaultId),
      [...Map.groupBy(steps, ({ phase }) => phase).values()].flatMap(samplesOfPhase),
    );
  }
  const actions = clean.flatMap(samplesOfAction);
  if (job.plan && actions.length > 0) await addSamples(job.plan.id, actions);
}

/**
 * Ours from begin to end, at the first try: neither somebody else's work nor a person's thinking in
 * between.
 */
const isClean = ({ state, attempt, tries, startedAt, endedAt, work }: StepDocument): boolean =>
  state === 'succeeded' &&
  tries === 0 &&
  startedAt !== null &&
  endedAt !== null &&
  (work.kind === 'action' || attempt === 1);

const sample = (key: string, from: string | null, to: string | null, at: string | null): Sample[] =>
  from === null || to === null || at === null
    ? []
    : [{ key, seconds: (Date.parse(to) - Date.parse(from)) / 1000, at }];

function samplesOfPhase(steps: readonly StepDocument[]): Sample[] {
  const phase = steps[0]?.phase;
  if (phase === undefined || !isOperation(phase)) return [];
  const of = (
    from: 'startedAt' | 'armStartedAt' | 'armEndedAt',
    to: 'endedAt' | 'armEndedAt',
    key: string,
  ): Sample[] => steps.flatMap((step) => sample(key, step[from], step[to], step.endedAt));
  const ofVms = steps.flatMap(({ work, targetId, startedAt, endedAt }) =>
    (work.kind === 'group'
      ? work.vms.map(({ id }) => id)
      : work.kind === 'replicatedVm'
        ? [targetId]
        : []
    ).flatMap((vm) => sample(keyOfVm(phase, vm), startedAt, endedAt, endedAt)),
  );
  const ofAll = [
    of('startedAt', 'endedAt', keyOfPhase(phase)),
    of('armStartedAt', 'armEndedAt', keyOfJob(phase)),
    of('armEndedAt', 'endedAt', keyOfSettling(phase)),
  ];
  return [...ofVms, ...ofAll.flatMap(representatives)];
}

const samplesOfAction = ({ work, startedAt, endedAt }: StepDocument): Sample[] =>
  work.kind === 'action' && work.action.kind !== 'wait'
    ? sample(keyOfAction(work.action.kind, work.action.name), startedAt, endedAt, endedAt)
    : [];

interface PhaseInVault {
  readonly jobId: string;
  readonly phase: Phase;
  readonly vaultId: string;
}
type Expectation = { readonly job: Expected | undefined; readonly settling: Expected | undefined };
const expected = new Map<string, Promise<Expectation>>();
const MOST_KEPT = 1000;

/**
 * When ends are likely, for whoever follows: read once for a phase of a job in a vault, however
 * often is looked.
 */
export function expectedIn({ jobId, phase, vaultId }: PhaseInVault): Promise<Expectation> {
  const key = `${jobId} ${phase} ${vaultId}`;
  const kept =
    expected.get(key) ??
    readExpected(phase, vaultId).catch((error: unknown) => {
      expected.delete(key);
      throw error;
    });
  if (expected.size >= MOST_KEPT) expected.clear();
  expected.set(key, kept);
  return kept;
}

async function readExpected(phase: Phase, vaultId: string): Promise<Expectation> {
  if (!isOperation(phase)) return { job: undefined, settling: undefined };
  const samples = await readCommonSamples(learnedOfVault(vaultId));
  const around = (key: string): Expected | undefined => {
    const range = rangeOf(samples, key);
    return range && aroundLearned(range);
  };
  return { job: around(keyOfJob(phase)), settling: around(keyOfSettling(phase)) };
}
