// The usual durations of phases and actions, learned from earlier jobs.
import {
  keyOfAction,
  keyOfJob,
  keyOfPhase,
  keyOfSettling,
  keyOfVm,
  learnDurations,
  durationRangeOf,
  pickRepresentatives,
  type LearnedDurations,
  type Sample,
} from '../plans/rules/durations.ts';
import { actionsOfPlan } from '../plans/rules/planRuns.ts';
import type { Plan } from '../plans/rules/plan.ts';
import { learnedDuration, type ExpectedDuration } from '../core/polling.ts';
import { isPhaseOperation, Operation, type Phase } from '../core/operations.ts';
import { isFinalJobState } from '../core/states/job.ts';
import type { ReplicatedVmDocument } from '../replications/documents.ts';
import type { StepDocument } from './documents.ts';
import { addSamples, samplesPartitionOf, readCommonSamples, readSamples } from './durationSamples.ts';
import { readJob } from './job.ts';
import { listSteps } from './steps.ts';

const PHASES = Object.values(Operation)
  .filter((operation) => operation !== 'failback' && operation !== 'prepareVault')
  .filter(isPhaseOperation);

/** The learned durations of the VMs of a plan, of their vaults, and of its actions. */
export async function readLearnedDurations(
  { planId, plan }: { readonly planId: string; readonly plan: Plan },
  vms: readonly ReplicatedVmDocument[],
): Promise<LearnedDurations> {
  const actions = actionsOfPlan(plan).map(({ kind, name }) => keyOfAction(kind, name));
  const samples = await Promise.all([
    ...(actions.length > 0 ? [readSamples(planId, actions)] : []),
    ...[...Map.groupBy(vms, ({ vaultId }) => vaultId)].flatMap(([vaultId, members]) => [
      readCommonSamples(samplesPartitionOf(vaultId)),
      readSamples(
        samplesPartitionOf(vaultId),
        members.flatMap(({ id }) => PHASES.map((phase) => keyOfVm(phase, id))),
      ),
    ]),
  ]);
  return learnDurations(samples.flat());
}

/** Saves the durations of an ended job. Safe to repeat: the same samples change nothing. */
export async function saveLearnedDurations(jobId: string): Promise<void> {
  const job = await readJob(jobId);
  if (!job || !isFinalJobState(job.state)) return;
  const clean = (await listSteps(jobId)).filter(isCleanRun);
  for (const [vaultId, steps] of Map.groupBy(
    clean.filter(({ phase }) => isPhaseOperation(phase)),
    (step) => step.vaultId,
  )) {
    await addSamples(
      samplesPartitionOf(vaultId),
      [...Map.groupBy(steps, ({ phase }) => phase).values()].flatMap(samplesOfPhase),
    );
  }
  const actions = clean.flatMap(samplesOfAction);
  if (job.plan && actions.length > 0) await addSamples(job.plan.id, actions);
}

/**
 * Only clean runs count: our own work at the first try. A foreign operation or a decision of a
 * person would distort the duration.
 */
const isCleanRun = ({ state, attempt, tries, startedAt, endedAt, work }: StepDocument): boolean =>
  state === 'succeeded' &&
  tries === 0 &&
  startedAt !== null &&
  endedAt !== null &&
  (work.kind === 'action' || attempt === 1);

const samplesBetween = (key: string, from: string | null, to: string | null, at: string | null): Sample[] =>
  from === null || to === null || at === null
    ? []
    : [{ key, seconds: (Date.parse(to) - Date.parse(from)) / 1000, at }];

function samplesOfPhase(steps: readonly StepDocument[]): Sample[] {
  const phase = steps[0]?.phase;
  if (phase === undefined || !isPhaseOperation(phase)) return [];
  const samplesOfSteps = (
    from: 'startedAt' | 'armStartedAt' | 'armEndedAt',
    to: 'endedAt' | 'armEndedAt',
    key: string,
  ): Sample[] => steps.flatMap((step) => samplesBetween(key, step[from], step[to], step.endedAt));
  const ofVms = steps.flatMap(({ work, targetId, startedAt, endedAt }) =>
    (work.kind === 'multiVmGroup'
      ? work.vms.map(({ id }) => id)
      : work.kind === 'replicatedVm'
        ? [targetId]
        : []
    ).flatMap((vm) => samplesBetween(keyOfVm(phase, vm), startedAt, endedAt, endedAt)),
  );
  const samplesOfAllVms = [
    samplesOfSteps('startedAt', 'endedAt', keyOfPhase(phase)),
    samplesOfSteps('armStartedAt', 'armEndedAt', keyOfJob(phase)),
    samplesOfSteps('armEndedAt', 'endedAt', keyOfSettling(phase)),
  ];
  return [...ofVms, ...samplesOfAllVms.flatMap(pickRepresentatives)];
}

const samplesOfAction = ({ work, startedAt, endedAt }: StepDocument): Sample[] =>
  work.kind === 'action' && work.action.kind !== 'wait'
    ? samplesBetween(keyOfAction(work.action.kind, work.action.name), startedAt, endedAt, endedAt)
    : [];

interface PhaseInVault {
  readonly jobId: string;
  readonly phase: Phase;
  readonly vaultId: string;
}
type ExpectedDurations = {
  readonly job: ExpectedDuration | undefined;
  readonly settling: ExpectedDuration | undefined;
};
const expectedDurationsCache = new Map<string, Promise<ExpectedDurations>>();
const MAX_CACHED = 1000;

/**
 * The expected durations for a poll. The cache needs one read for each phase of a job in a vault.
 */
export function readExpectedDurations({ jobId, phase, vaultId }: PhaseInVault): Promise<ExpectedDurations> {
  const key = `${jobId} ${phase} ${vaultId}`;
  const cached =
    expectedDurationsCache.get(key) ??
    computeExpectedDurations(phase, vaultId).catch((error: unknown) => {
      expectedDurationsCache.delete(key);
      throw error;
    });
  if (expectedDurationsCache.size >= MAX_CACHED) expectedDurationsCache.clear();
  expectedDurationsCache.set(key, cached);
  return cached;
}

async function computeExpectedDurations(phase: Phase, vaultId: string): Promise<ExpectedDurations> {
  if (!isPhaseOperation(phase)) return { job: undefined, settling: undefined };
  const samples = await readCommonSamples(samplesPartitionOf(vaultId));
  const expectedFor = (key: string): ExpectedDuration | undefined => {
    const range = durationRangeOf(samples, key);
    return range && learnedDuration(range);
  };
  return { job: expectedFor(keyOfJob(phase)), settling: expectedFor(keyOfSettling(phase)) };
}
