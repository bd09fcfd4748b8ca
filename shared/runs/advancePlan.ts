// Advances the run of a plan. The orchestration of the job calls this activity until the run is over.
// The activity reads the stored steps, ends or opens steps, and saves the questions to persons.
// This module never sends a write to Azure; the phases of the opened steps do that.

import { clock } from '../core/clock.ts';
import { vaultAddressOf } from '../core/armId.ts';
import { TIME_TO_LIVE, type Graph } from '../plans/rules/graph.ts';
import { nextNodes, type NextNodes } from '../plans/rules/nextNodes.ts';
import type { Phase } from '../core/operations.ts';
import { isFinalJobState } from '../core/states/job.ts';
import { isFinalStepState, isUnsuccessfulStepState, isDueOrBegun } from '../core/states/step.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import { lockTargets, blockedMessage, lockTargetsOf } from './lockTargets.ts';
import { createPlanForRemaining } from './remainingMembers.ts';
import { listAnswers } from '../journal/answers.ts';
import { readControl } from '../journal/control.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { isSuperseded, readJob } from '../journal/job.ts';
import { setStepsWaiting, raiseStepEpochs, saveStep, retryFields } from '../journal/saveStep.ts';
import { isOpen, readStepSummaries, listStepsById, type StepSummary } from '../journal/steps.ts';
import { findVaultArmId } from '../replications/registry.ts';
import { followHandedOver, HAND_OVER_POLL_SECONDS, type HandOver } from './handedOver.ts';
import { readJobGraph } from './jobGraph.ts';
import { savePendingQuestions } from './pendingQuestions.ts';
import {
  runControlOf,
  isRetryRequested,
  summariesByNode,
  secondsToTimeout,
  nodeStatesOf,
} from './nodeStates.ts';

/** Names the job and the epoch of the calling orchestration. */
export interface AdvanceInput {
  readonly jobId: string;
  readonly epoch: number;
}

/** A phase in one vault with open steps, and the targets that can start now. */
export interface OpenPhase {
  readonly phase: Exclude<Phase, 'action'>;
  readonly vaultId: string;
  readonly vaultArmId: string;
  readonly subscription: string;
  readonly startable: readonly string[];
  /** True: the phase runs also in a stopped run. A history of older code lacks this field. */
  readonly always?: boolean;
}

/** Tells the orchestration which phases to start, and when to call again. */
export interface AdvanceResult {
  readonly superseded: boolean;
  readonly over: boolean;
  readonly turns: readonly OpenPhase[];
  /** Number of open actions and waits. */
  readonly acting: number;
  /** Seconds to the next timeout of a step; null: no step has a timeout. */
  readonly nextSeconds: number | null;
}

/** Raises the alarm after the time to live of a drill is over. */
export type OnTimeToLiveOver = (
  job: JobDocument,
  stepSummaries: readonly StepSummary[],
  now: Date,
) => Promise<void>;

/** The next call opens further steps: the result of an activity must stay small. */
const MAX_OPENED_STEPS = 500;
const MAX_CONCURRENT = 16;

/** Advances the run once. The result says `superseded` when a newer epoch owns the job. */
export async function advancePlan(
  input: AdvanceInput,
  onTimeToLiveOver: OnTimeToLiveOver,
): Promise<AdvanceResult> {
  const { jobId, epoch } = input;
  const [job, control, stepSummaries, answers] = await Promise.all([
    readJob(jobId),
    readControl(jobId),
    readStepSummaries(jobId),
    listAnswers(jobId),
  ]);
  if (
    !job ||
    isSuperseded(job, epoch) ||
    isFinalJobState(job.state) ||
    stepSummaries.some((summary) => summary.epoch > epoch && !isFinalStepState(summary.state))
  )
    return SUPERSEDED;
  const now = await clock().now();
  // A step that failed before a take-over keeps its old epoch. A person can open that step again.
  const olderEpochSteps = stepSummaries.filter(
    (summary) => summary.epoch < epoch && !isFinalStepState(summary.state),
  );
  if (olderEpochSteps.length > 0) {
    await raiseStepEpochs(
      jobId,
      (
        await readSteps(
          jobId,
          olderEpochSteps.map(({ id }) => id),
        )
      ).filter(isOpen),
      epoch,
    );
    return advancePlan(input, onTimeToLiveOver);
  }
  const stepsToRetry = stepSummaries.filter((summary) => isRetryRequested(summary, answers));
  if (stepsToRetry.length > 0) {
    await retrySteps(jobId, await lockVmsOfRetries(job, stepsToRetry, now), now);
    return advancePlan(input, onTimeToLiveOver);
  }
  const handOver = await followHandedOver(job, control, stepSummaries, now);
  if (handOver === 'changed') return advancePlan(input, onTimeToLiveOver);
  const graph = await readJobGraph(job);
  const summaryByNode = summariesByNode(stepSummaries);
  const following = nextNodes(
    graph,
    nodeStatesOf(graph, summaryByNode, now),
    runControlOf(control, answers, summaryByNode),
  );
  const areAllEnded = await endSteps(
    jobId,
    [
      ...skippedSteps(following, summaryByNode),
      ...unbegunTests(following, stepSummaries),
      ...stepsOutsideGraph(graph, stepSummaries),
    ],
    now,
  );
  const opened = await openNextSteps(jobId, following, summaryByNode, { stepSummaries, now });
  // The alarm timer raises the alarm later if this call fails.
  if (following.stoppedBy === TIME_TO_LIVE)
    await onTimeToLiveOver(job, stepSummaries, now).catch(() => undefined);
  await savePendingQuestions(job, graph, summaryByNode, following.nodesToAskAbout, now);
  const running = stepSummaries.filter(({ state }) => isDueOrBegun(state));
  return {
    superseded: false,
    over: following.jobEnd !== null && areAllEnded && running.length === 0,
    turns: await openPhasesOf(running, opened.steps),
    acting: running.filter(isAction).length + opened.steps.filter(isAction).length,
    nextSeconds:
      opened.hasMore || !areAllEnded ? 0 : earlierOf(secondsToTimeout(graph, summaryByNode, now), handOver),
  };
}

const SUPERSEDED: AdvanceResult = { superseded: true, over: false, turns: [], acting: 0, nextSeconds: null };
const earlierOf = (timeoutSeconds: number | null, handOver: HandOver): number | null =>
  handOver === 'waiting' ? Math.min(timeoutSeconds ?? Infinity, HAND_OVER_POLL_SECONDS) : timeoutSeconds;
const isAction = ({ phase }: Pick<StepSummary, 'phase'>): boolean => phase === 'action';

type StepToEnd = {
  readonly summary: StepSummary;
  readonly error: Fault;
  readonly state: 'skipped' | 'failed';
};

const skippedSteps = (
  { nodesToSkip }: NextNodes,
  summaryByNode: ReadonlyMap<string, StepSummary>,
): StepToEnd[] =>
  nodesToSkip.flatMap(({ id, code, reason }) => {
    const summary = summaryByNode.get(id);
    return summary
      ? [{ summary, state: 'skipped' as const, error: { kind: ErrorKind.rejected, code, message: reason } }]
      : [];
  });

/** Waiting test failovers at the end of the drill's time to live. Lifeboat sent none of them to Azure. */
function unbegunTests({ stoppedBy }: NextNodes, stepSummaries: readonly StepSummary[]): StepToEnd[] {
  if (stoppedBy !== TIME_TO_LIVE) return [];
  const error = {
    kind: ErrorKind.rejected,
    code: 'TimeToLiveOver',
    message: "Not begun, because the drill's time to live was over.",
  };
  const waiting = stepSummaries.filter(
    ({ node, state, phase, always }) => node !== null && state === 'waiting' && phase !== 'action' && !always,
  );
  return waiting.map((summary) => ({ summary, error, state: 'skipped' }));
}

/**
 * An orchestration can die while it saves the step plan. The VMs may have changed before the next
 * orchestration, so some saved steps are not in the graph.
 */
function stepsOutsideGraph({ nodes }: Graph, stepSummaries: readonly StepSummary[]): StepToEnd[] {
  const [known, used] = [
    new Set(nodes.map(({ id }) => id)),
    new Set(summariesByNode(stepSummaries).values()),
  ];
  const error = {
    kind: ErrorKind.rejected,
    code: 'NotInPlan',
    message: 'Planned before the job had locked its VMs. The step is not part of the run.',
  };
  return stepSummaries
    .filter(
      (summary) =>
        summary.node !== null &&
        summary.state === 'planned' &&
        (!known.has(summary.node) || !used.has(summary)),
    )
    .map((summary) => ({ summary, error, state: 'skipped' }));
}

/** False when another writer changed one of the steps at the same time. */
async function endSteps(jobId: string, stepsToEnd: readonly StepToEnd[], now: Date): Promise<boolean> {
  const byId = new Map(stepsToEnd.map((stepToEnd) => [stepToEnd.summary.id, stepToEnd]));
  const steps = await readSteps(jobId, [...byId.keys()]);
  let done = steps.length === byId.size;
  await forEachLimited(steps, async (step) => {
    const stepToEnd = byId.get(step.id);
    if (!stepToEnd || isFinalStepState(step.state)) return;
    // The decision used the step's summary. A step that has begun since then must not end here.
    if (step.state !== stepToEnd.summary.state || step.tries !== stepToEnd.summary.tries) {
      done = false;
      return;
    }
    const saved = await saveStep(
      step,
      {
        step: { state: stepToEnd.state, error: stepToEnd.error, endedAt: now.toISOString(), waitsFor: null },
        log: stepToEnd.error.message,
      },
      now,
    );
    done &&= saved !== undefined;
  });
  return done;
}

interface OpenedSteps {
  readonly steps: readonly Pick<StepDocument, 'phase' | 'vaultId' | 'targetId' | 'always'>[];
  /** True: the next call has more work at once. */
  readonly hasMore: boolean;
}

async function openNextSteps(
  jobId: string,
  { nodesToStart }: NextNodes,
  summaryByNode: ReadonlyMap<string, StepSummary>,
  { stepSummaries, now }: { readonly stepSummaries: readonly StepSummary[]; readonly now: Date },
): Promise<OpenedSteps> {
  const prerequisites = stepSummaries.filter(({ node }) => node === null);
  const failedPrerequisites = new Map(
    prerequisites
      .filter(({ state }) => isUnsuccessfulStepState(state))
      .map((summary) => [summary.targetId, summary]),
  );
  // The rest of a partially completed group may need its own plan in Azure. Lifeboat creates that plan
  // while the other steps run.
  const unfinishedPrerequisites = new Set(
    prerequisites.filter(({ state }) => !isFinalStepState(state)).map(({ targetId }) => targetId),
  );
  const readySteps = nodesToStart
    .slice(0, MAX_OPENED_STEPS)
    .flatMap(({ id }) => summaryByNode.get(id) ?? [])
    .filter(({ needs }) => !needs.some((id) => unfinishedPrerequisites.has(id)));
  const stepsToOpen = [...prerequisites.filter(({ state }) => state === 'planned'), ...readySteps];
  const blockedSteps = stepsToOpen.flatMap((summary): StepToEnd[] => {
    const prerequisite = summary.needs
      .map((id) => failedPrerequisites.get(id))
      .find((failedPrerequisite) => failedPrerequisite !== undefined);
    return prerequisite ? [{ summary, state: 'failed', error: prerequisiteMissing(prerequisite) }] : [];
  });
  const failed = new Set(blockedSteps.map(({ summary }) => summary.id));
  await endSteps(jobId, blockedSteps, now);
  const steps = await readSteps(
    jobId,
    stepsToOpen.map(({ id }) => id).filter((id) => !failed.has(id)),
  );
  const opened = await setStepsWaiting(
    jobId,
    steps.filter(({ state }) => state === 'planned'),
  );
  return {
    steps: opened,
    hasMore:
      nodesToStart.length > MAX_OPENED_STEPS || blockedSteps.length > 0 || opened.length < steps.length,
  };
}

const prerequisiteMissing = ({ error, state }: StepSummary): Fault => ({
  kind: ErrorKind.rejected,
  code: 'PrerequisiteMissing',
  message:
    `A prerequisite of this step could not be created (${state}${error ? `: ${error.message}` : ''}). ` +
    'Nothing was started.',
});

async function retrySteps(jobId: string, stepSummaries: readonly StepSummary[], now: Date): Promise<void> {
  const triesOf = new Map(stepSummaries.map(({ id, tries }) => [id, tries]));
  for (const step of await readSteps(
    jobId,
    stepSummaries.map(({ id }) => id),
  )) {
    // One answer of a person allows one try.
    if (step.state !== 'failed' || step.tries !== triesOf.get(step.id)) continue;
    await saveStep(
      step,
      {
        step: { ...retryFields(step), ...(await createPlanForRemaining(step, now)) },
        cause: 'person',
        log: 'Tried again, because a person asked for it.',
      },
      now,
    );
  }
}

/**
 * A step that failed because another job had locked its VM needs that lock first.
 * While the other job has the lock, the step stays failed, and Lifeboat asks a person again.
 */
async function lockVmsOfRetries(
  job: JobDocument,
  stepSummaries: readonly StepSummary[],
  now: Date,
): Promise<readonly StepSummary[]> {
  const unblocked: StepSummary[] = [];
  for (const summary of stepSummaries) {
    const [step] = summary.error?.code === 'VmHeld' ? await readSteps(job.jobId, [summary.id]) : [];
    const blocked = step ? await lockTargets(job, lockTargetsOf([step]), now, () => false) : [];
    if (!step || blocked.length === 0) {
      unblocked.push(summary);
      continue;
    }
    const error = { kind: ErrorKind.rejected, code: 'VmHeld', message: blockedMessage(blocked) };
    const endedAt = now.toISOString();
    await saveStep(step, { step: { tries: step.tries + 1, error, endedAt }, log: error.message }, now);
  }
  return unblocked;
}

/** Groups the open steps by phase and vault. `startable` names the targets that begin now. */
async function openPhasesOf(
  running: readonly StepSummary[],
  opened: OpenedSteps['steps'],
): Promise<readonly OpenPhase[]> {
  const open = [
    ...running.map((summary) => ({ ...summary, begins: false })),
    ...opened.map((step) => ({ ...step, begins: true })),
  ].filter((openStep) => !isAction(openStep));
  const stepsByPhaseAndVault = [...Map.groupBy(open, ({ phase, vaultId }) => `${phase} ${vaultId}`).values()];
  return Promise.all(
    stepsByPhaseAndVault.map(async (steps): Promise<OpenPhase> => {
      const [{ phase, vaultId } = { phase: 'failover', vaultId: '' }] = steps;
      const vaultArmId = await findVaultArmId(vaultId);
      return {
        phase: phase as OpenPhase['phase'],
        vaultId,
        vaultArmId,
        subscription: vaultAddressOf(vaultArmId).subscription,
        startable: steps.filter(({ begins }) => begins).map(({ targetId }) => targetId),
        always: steps.every(({ always }) => always),
      };
    }),
  );
}

async function readSteps(jobId: string, ids: readonly string[]) {
  return ids.length === 0 ? [] : listStepsById(jobId, ids);
}

async function forEachLimited<T>(list: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  const remaining = [...list];
  const worker = async (): Promise<void> => {
    for (let item = remaining.shift(); item !== undefined; item = remaining.shift()) await action(item);
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT }, worker));
}
