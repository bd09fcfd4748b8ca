// Between phases and at the end: who goes on, what came of it all, and the VMs given back.
import { clock } from '../core/clock.ts';
import { outcomeOf, type Outcome } from '../core/outcome.ts';
import type { Phase } from '../core/words.ts';
import { type JobEnd, isFinalJob } from '../core/states/job.ts';
import { isNotBegun } from '../core/states/step.ts';
import { nodeStateOf, NodeState } from '../core/states/node.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import type { JobDocument, StepDocument } from '../journal/documents.ts';
import { learnFrom } from '../journal/learnedDurations.ts';
import { inventoryAfter } from '../runs/inventory.ts';
import { measuresOf } from '../runs/measure.ts';
import { outcomeOfRun } from '../runs/outcome.ts';
import { tellOfPlansWith } from '../runs/runbook.ts';
import { readControl } from '../journal/control.ts';
import { chunks } from '../store/cosmos.ts';
import { isSuperseded, moveJob, readJob } from '../journal/job.ts';
import { logLine, Place } from '../journal/log.ts';
import { cancelledStep, saveStep } from '../journal/saveStep.ts';
import {
  badStepsBefore,
  isOpen,
  openStepsInPhase,
  removeSteps,
  stepsOf,
  vaultsMade,
} from '../journal/steps.ts';
import { freeLocks } from '../replications/registry.ts';
import { addVault } from '../replications/sources.ts';
import { reindex } from './summaries.ts';

export interface Opened {
  readonly superseded: boolean;
  readonly open: readonly string[];
  /** Of the open ones, those for which nothing will be written. */
  readonly unwritten: readonly string[];
}

/** When it was decided, the VM replicated already: it is only looked at. */
const isFound = ({ work, phase }: StepDocument): boolean =>
  phase === 'enableReplication' && work.kind === 'newVm' && work.preview.verdict === 'alreadyEnabled';

/**
 * A target takes no part in this phase when it was refused, or when an earlier phase did not bring
 * it, or what it needs, there.
 */
export async function openPhase(input: {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
}): Promise<Opened> {
  const now = await clock().now();
  const mine = await openStepsInPhase(input.jobId, input.phase);
  if (mine.some((step) => isSuperseded(step, input.epoch)))
    return { superseded: true, open: [], unwritten: [] };
  await learnVaults(input.jobId, now);
  const wish = (await readControl(input.jobId))?.wish ?? 'running';
  const cancelled = wish === 'cancelled';
  const bad = mine[0] ? await badStepsBefore(input.jobId, mine[0].order) : [];
  const open: string[] = [];
  const unwritten: string[] = [];
  for (const step of mine) {
    if (cancelled && step.state === 'waiting') {
      if (!(await saveStep(step, cancelledStep(now), now))) return openPhase(input);
      continue;
    }
    const left = whyLeftOut(
      step,
      bad.find((other) => other.targetId === step.targetId || step.needs.includes(other.targetId)),
    );
    // Somebody changed the step meanwhile: one that takes no part must not be found open.
    if (
      left &&
      !(await saveStep(step, { step: { ...left, endedAt: now.toISOString() }, log: left.error.message }, now))
    )
      return openPhase(input);
    if (!left) open.push(step.targetId);
    if (!left && wish === 'running' && isFound(step)) unwritten.push(step.targetId);
  }
  return { superseded: false, open, unwritten };
}

/** A vault that this job has made is one that Lifeboat knows, and reads, from then on. */
async function learnVaults(jobId: string, now: Date): Promise<void> {
  for (const { work, vaultId } of await vaultsMade(jobId))
    if (work.kind === 'part') await addVault(vaultId, work.part.id, now);
}

function whyLeftOut(
  { work, targetName }: StepDocument,
  earlier: StepDocument | undefined,
): { readonly state: 'failed' | 'skipped'; readonly error: Fault } | undefined {
  if (work.kind === 'newVm' && work.preview.verdict === 'refused') {
    const [first] = work.preview.refusals;
    return {
      state: 'failed',
      error: {
        kind: ErrorKind.rejected,
        code: first?.code ?? 'Refused',
        message: `${targetName}: ${work.preview.refusals.map(({ message }) => message).join(' ')}`,
      },
    };
  }
  if (!earlier) return undefined;
  return {
    state: 'skipped',
    error: {
      kind: ErrorKind.rejected,
      code: 'EarlierPhaseFailed',
      message: `Skipped, because ${earlier.phase} of ${earlier.targetName} ended ${earlier.state}.`,
    },
  };
}

/** A document holds 2 MB; 5,000 VMs may fail, each with a text of Azure's. */
const MOST_EXCEPTIONS = 500;
const MOST_BYTES = 500_000;

/**
 * Gives the VMs back, then writes the outcome: who sees the job ended finds its VMs free. Safe to
 * repeat at any point.
 */
export async function closeJob(walk: { readonly jobId: string; readonly epoch: number }): Promise<string> {
  const state = await end(walk);
  await reindex(walk.jobId);
  await learnFrom(walk.jobId);
  // The job has its outcome: what goes wrong here, the timer finds.
  await readJob(walk.jobId)
    .then((job) => job && tellOfPlansWith(job))
    .catch(() => undefined);
  return state;
}

async function end({ jobId, epoch }: { readonly jobId: string; readonly epoch: number }): Promise<string> {
  const now = await clock().now();
  const job = await readJob(jobId);
  if (!job || isSuperseded(job, epoch) || isFinalJob(job.state)) return job?.state ?? 'gone';
  const steps = await stepsOf(jobId);
  const open = steps.filter(isOpen);
  // An older walk wrote them too late, when this one had laid out the job: nobody has begun them,
  // and they are no part of it.
  const strays = open.filter((step) => step.epoch < epoch && step.attempt === 0 && isNotBegun(step.state));
  if (strays.length > 0) {
    await removeSteps(jobId, strays);
    return end({ jobId, epoch });
  }
  if (open.length > 0)
    throw new Error(`Job ${jobId} cannot be closed: ${open.length} of its steps are open.`);
  const left = await inventoryAfter(job, steps);
  const outcome = withExceptions(
    job.plan && job.laidOut ? await outcomeOfRun(job, steps) : outcomeOnVms(job, steps),
    left.exceptions,
  );
  await freeLocks(jobId, epoch);
  const { state } = outcome;
  const log = logLine(
    jobId,
    Place.last,
    `closed:${epoch}`,
    'Ended: ' +
      `${state}${outcome.exceptions.length > 0 ? `, with ${outcome.exceptions.length} exceptions` : ''}.`,
    now,
  );
  const saved = await moveJob(
    job,
    'close',
    {
      state,
      error: null,
      exceptions: chunks(outcome.exceptions, MOST_EXCEPTIONS, MOST_BYTES)[0] ?? [],
      exceptionCount: outcome.exceptions.length,
      needs: [],
      measures: await measuresOf(job, steps),
      endedAt: now.toISOString(),
    },
    [
      ...(left.message === null
        ? []
        : [logLine(jobId, Place.last, `an-inventory:${epoch}`, left.message, now)]),
      log,
    ],
    now,
  );
  return saved ? state : end({ jobId, epoch });
}

const withExceptions = (outcome: Ended, more: Outcome['exceptions']): Ended =>
  more.length === 0
    ? outcome
    : {
        state: outcome.state === 'completed' ? 'completedWithExceptions' : outcome.state,
        exceptions: [...outcome.exceptions, ...more],
      };

type Ended = Omit<Outcome, 'state'> & { readonly state: JobEnd };

function outcomeOnVms({ command }: JobDocument, steps: readonly StepDocument[]): Ended {
  const ground = command.operation === 'prepareVault';
  // Of VMs whose ground is all there, no step tells.
  const alreadyThere =
    ground && !steps.some(({ work }) => work.kind === 'part') && command.vms.length > steps.length;
  const outcome = outcomeOf(
    steps.map((step) => ({ ...step, ofVm: step.work.kind !== 'part' && !ground })),
    alreadyThere,
  );
  // Site Recovery's own code for a job that somebody cancelled in Azure may be the same word.
  return steps.some(({ state, error }) => nodeStateOf(state, error?.code, false) === NodeState.givenUp)
    ? { ...outcome, state: 'cancelled' }
    : outcome;
}
