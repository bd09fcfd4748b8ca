// One look at the run of a plan: what has ended, what follows from that, who is asked, and what begins now.
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
import { readJobGraph } from './jobGraph.ts';
import { savePendingQuestions } from './pendingQuestions.ts';
import {
  runControlOf,
  isRetryRequested,
  summariesByNode,
  secondsToTimeout,
  nodeStatesOf,
} from './nodeStates.ts';

export interface AdvanceInput {
  readonly jobId: string;
  readonly epoch: number;
}

/** Where steps of a phase are open, and which of them begin now. */
export interface OpenPhase {
  readonly phase: Exclude<Phase, 'action'>;
  readonly vaultId: string;
  readonly vaultArmId: string;
  readonly subscription: string;
  readonly startable: readonly string[];
  /** Done also in a run that was stopped. A history of older code does not tell it. */
  readonly always?: boolean;
}

export interface AdvanceResult {
  readonly superseded: boolean;
  readonly over: boolean;
  readonly turns: readonly OpenPhase[];
  /** How many actions and waits are open. */
  readonly acting: number;
  /** Until something is too late; null: nothing can be. */
  readonly nextSeconds: number | null;
}

/** Called once the time to live of a drill is over. */
export type OnTimeToLiveOver = (
  job: JobDocument,
  stepSummaries: readonly StepSummary[],
  now: Date,
) => Promise<void>;

/** More than these begin at the next look: what an activity answers must stay small. */
const MAX_OPENED_STEPS = 500;
const MAX_CONCURRENT = 16;

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
  // A step that failed before a take-over keeps its epoch, and is open again once a person has wanted that.
  const olderEpochSteps = stepSummaries.filter((mark) => mark.epoch < epoch && !isFinalStepState(mark.state));
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
  const stepsToRetry = stepSummaries.filter((mark) => isRetryRequested(mark, answers));
  if (stepsToRetry.length > 0) {
    await retrySteps(jobId, await lockVmsOfRetries(job, stepsToRetry, now), now);
    return advancePlan(input, onTimeToLiveOver);
  }
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
  const opened = await openNextSteps(jobId, following, summaryByNode, { marks: stepSummaries, now });
  // What goes wrong here, the timer of the alarms finds.
  if (following.stoppedBy === TIME_TO_LIVE)
    await onTimeToLiveOver(job, stepSummaries, now).catch(() => undefined);
  await savePendingQuestions(job, graph, summaryByNode, following.nodesToAskAbout, now);
  const running = stepSummaries.filter(({ state }) => isDueOrBegun(state));
  return {
    superseded: false,
    over: following.jobEnd !== null && areAllEnded && running.length === 0,
    turns: await openPhasesOf(running, opened.steps),
    acting: running.filter(isAction).length + opened.steps.filter(isAction).length,
    nextSeconds: opened.hasMore || !areAllEnded ? 0 : secondsToTimeout(graph, summaryByNode, now),
  };
}

const SUPERSEDED: AdvanceResult = { superseded: true, over: false, turns: [], acting: 0, nextSeconds: null };
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

/** Test failovers whose turn had come when the drill's time was over, and which Azure knows nothing of. */
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

/** A walk that died while it laid out may have seen the VMs otherwise than they stand in the graph. */
function stepsOutsideGraph({ nodes }: Graph, stepSummaries: readonly StepSummary[]): StepToEnd[] {
  const [known, used] = [
    new Set(nodes.map(({ id }) => id)),
    new Set(summariesByNode(stepSummaries).values()),
  ];
  const error = {
    kind: ErrorKind.rejected,
    code: 'NotInPlan',
    message: 'Laid out before the VMs were held, and not a part of the run.',
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

/** False when somebody else wrote one of them at the same time. */
async function endSteps(jobId: string, stepsToEnd: readonly StepToEnd[], now: Date): Promise<boolean> {
  const byId = new Map(stepsToEnd.map((stepToEnd) => [stepToEnd.summary.id, stepToEnd]));
  const steps = await readSteps(jobId, [...byId.keys()]);
  let done = steps.length === byId.size;
  await forEachLimited(steps, async (step) => {
    const stepToEnd = byId.get(step.id);
    if (!stepToEnd || isFinalStepState(step.state)) return;
    // Decided for the step as it stood in its mark: one that has begun since is not left out.
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
  /** There is more to do at once. */
  readonly hasMore: boolean;
}

async function openNextSteps(
  jobId: string,
  { nodesToStart }: NextNodes,
  summaryByNode: ReadonlyMap<string, StepSummary>,
  { marks: stepSummaries, now }: { readonly marks: readonly StepSummary[]; readonly now: Date },
): Promise<OpenedSteps> {
  const prerequisites = stepSummaries.filter(({ node }) => node === null);
  const failedPrerequisites = new Map(
    prerequisites.filter(({ state }) => isUnsuccessfulStepState(state)).map((mark) => [mark.targetId, mark]),
  );
  // What is left of a torn group may need a plan of its own, which is made while the others go on.
  const unfinishedPrerequisites = new Set(
    prerequisites.filter(({ state }) => !isFinalStepState(state)).map(({ targetId }) => targetId),
  );
  const readySteps = nodesToStart
    .slice(0, MAX_OPENED_STEPS)
    .flatMap(({ id }) => summaryByNode.get(id) ?? [])
    .filter(({ needs }) => !needs.some((id) => unfinishedPrerequisites.has(id)));
  const stepsToOpen = [...prerequisites.filter(({ state }) => state === 'planned'), ...readySteps];
  const blockedSteps = stepsToOpen.flatMap((mark): StepToEnd[] => {
    const prerequisite = mark.needs
      .map((id) => failedPrerequisites.get(id))
      .find((failedPrerequisite) => failedPrerequisite !== undefined);
    return prerequisite ? [{ summary: mark, state: 'failed', error: prerequisiteMissing(prerequisite) }] : [];
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
  code: 'PartMissing',
  message:
    `What it needs could not be made (${state}${error ? `: ${error.message}` : ''}). Nothing ` +
    'was started.',
});

async function retrySteps(jobId: string, stepSummaries: readonly StepSummary[], now: Date): Promise<void> {
  const triesOf = new Map(stepSummaries.map(({ id, tries }) => [id, tries]));
  for (const step of await readSteps(
    jobId,
    stepSummaries.map(({ id }) => id),
  )) {
    // A person's word is good for one try.
    if (step.state !== 'failed' || step.tries !== triesOf.get(step.id)) continue;
    await saveStep(
      step,
      {
        step: { ...retryFields(step), ...(await createPlanForRemaining(step, now)) },
        cause: 'person',
        log: 'Tried again, as a person has said.',
      },
      now,
    );
  }
}

/**
 * A step that failed because another job held its VM needs that VM first.
 * While the other job has it, the step stays failed, and a person is asked anew.
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

/** Where something is open, and what begins there now. */
async function openPhasesOf(
  running: readonly StepSummary[],
  opened: OpenedSteps['steps'],
): Promise<readonly OpenPhase[]> {
  const open = [
    ...running.map((mark) => ({ ...mark, begins: false })),
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
    for (let one = remaining.shift(); one !== undefined; one = remaining.shift()) await action(one);
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT }, worker));
}
