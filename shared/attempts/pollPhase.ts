// The poll of a phase: one read of the vault serves all open steps of the phase. The orchestrators
// call this module through an activity. pollStep.ts handles each step.
import { clock } from '../core/clock.ts';
import { secondsBetweenPolls } from '../core/polling.ts';
import type { Command } from '../commands/command.ts';
import { ArmJobState } from '../siterecovery/item.ts';
import { LifeboatError } from '../core/errors.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { controlStateFor, handedOverVmsOf, readControl } from '../journal/control.ts';
import type { AttemptDocument, ControlDocument, HandedOverVm, StepDocument } from '../journal/documents.ts';
import { listAttemptsInPhase } from '../journal/attempts.ts';
import { isSuperseded, readJob } from '../journal/job.ts';
import { cancelledStepChange, leftToOtherJobChange, saveStep } from '../journal/saveStep.ts';
import { listDueSteps } from '../journal/steps.ts';
import { readExpectedDurations } from '../journal/learnedDurations.ts';
import { siteRecoveryClientFor } from '../scenarios/adapter.ts';
import { itemPageCountOf } from '../siterecovery/itemListCache.ts';
import { pollStep } from './pollStep.ts';
import { RETRY_SECONDS, SOON_SECONDS, type PollInput, type PollPass, type NextPoll } from './pollPass.ts';
import { createVaultSnapshot, type VaultSnapshot } from '../siterecovery/vaultSnapshot.ts';

/** The result of a poll: the steps to start, and the time of the next poll. */
export interface PolledPhase {
  readonly superseded: boolean;
  readonly open: number;
  /** The VMs with a step that the orchestration may start (again) now. */
  readonly startable: readonly string[];
  readonly nextSeconds: number;
  /** Seconds until the next poll of the running steps, even if other steps start earlier. */
  readonly lookSeconds?: number;
}

const commandOptions = (command: Command): Pick<PollPass, 'adopt' | 'limitSeconds'> => ({
  adopt: 'adopt' in command && command.adopt,
  limitSeconds: 'followHours' in command ? command.followHours * 3600 : null,
});

/** How soon a paused job notices that it may continue. */
const PAUSED_POLL_SECONDS = 30;
/**
 * Limits the job reads of one poll, because reads have a budget too. A thousand ended jobs need
 * several polls.
 */
const MAX_JOB_READS = 120;
/** A read of one job costs one request. The list costs two requests once the job has ended. */
const MAX_JOB_BY_JOB = 2;
/** The result of an activity must stay small. The next poll finds the steps above this limit. */
const MAX_STARTABLE = 300;
const MAX_CONCURRENT = 8;

/** Polls all due steps of a phase in one vault, and records the results. */
export async function pollPhase(input: PollInput): Promise<PolledPhase> {
  const [job, steps, control] = await Promise.all([
    readJob(input.jobId),
    listDueSteps(input.jobId, input.phase, input.vaultId),
    readControl(input.jobId),
  ]);
  if (!job || isSuperseded(job, input.epoch) || steps.some((step) => isSuperseded(step, input.epoch)))
    return { superseded: true, open: steps.length, startable: [], nextSeconds: 0, lookSeconds: 0 };
  if (steps.length === 0)
    return { superseded: false, open: 0, startable: [], nextSeconds: 0, lookSeconds: 0 };
  const [attempts, learned] = await Promise.all([
    readAttemptsByStep(input, steps),
    readExpectedDurations(input),
  ]);
  const now = await clock().now();
  const view = createVaultSnapshot(await siteRecoveryClientFor(input.vaultArmId), input.vaultArmId, now);
  const jobByJob = steps.length <= MAX_JOB_BY_JOB;
  const endingCount = jobByJob ? steps.length : await countEnding(view, steps, attempts);
  const pass: PollPass = {
    input,
    learned,
    snapshot: view,
    now,
    jobByJob,
    itemByItem: endingCount <= itemPageCountOf(input.vaultArmId),
    jobReads: { remaining: MAX_JOB_READS },
    ...commandOptions(job.command),
  };
  const startable: string[] = [];
  const waitSeconds: number[] = [];
  await runConcurrently(steps, async (step) => {
    const controlState = controlStateFor(step, control);
    const next =
      controlState === 'running' || step.state !== 'waiting'
        ? await pollStepSafely(pass, step, attempts.get(`${step.id}:${step.attempt}`))
        : await handlePausedOrCancelled(step, controlState, pass.now, handedOverVmsOf(step, control));
    if (next === 'start' && controlState !== 'running')
      waitSeconds.push(await resetToWaiting(step, pass.now));
    else if (next === 'start') startable.push(step.targetId);
    else if (next !== 'ended') waitSeconds.push(next);
  });
  const lookSeconds = Math.max(secondsBetweenPolls(steps.length), Math.min(...waitSeconds, 600));
  return {
    superseded: false,
    open: startable.length + waitSeconds.length,
    startable: startable.slice(0, MAX_STARTABLE),
    nextSeconds: startable.length > 0 ? 0 : lookSeconds,
    lookSeconds,
  };
}

/**
 * Counts the steps that ended since the last poll or settle, because each of them needs its item. A
 * failed read counts as nothing here: each step meets and judges that error again.
 */
async function countEnding(
  view: VaultSnapshot,
  steps: readonly StepDocument[],
  attempts: ReadonlyMap<string, AttemptDocument>,
): Promise<number> {
  const jobs = steps.flatMap((step) => {
    const id = attempts.get(`${step.id}:${step.attempt}`)?.armJobId;
    return step.state === 'started' && id ? [id.toLowerCase()] : [];
  });
  const entries = jobs.length === 0 ? undefined : await view.jobEntries().catch(() => undefined);
  const isOver = (id: string): boolean =>
    (entries?.get(id)?.state ?? ArmJobState.running) !== ArmJobState.running;
  return steps.filter(({ state }) => state === 'settling').length + jobs.filter(isOver).length;
}

/** Only a started step has an attempt to poll. */
async function readAttemptsByStep(
  { jobId, phase }: PollInput,
  steps: readonly StepDocument[],
): Promise<ReadonlyMap<string, AttemptDocument>> {
  const attempts = steps.some((step) => step.state === 'started')
    ? await listAttemptsInPhase(jobId, phase)
    : [];
  return new Map(attempts.map((attempt) => [`${attempt.stepId}:${attempt.number}`, attempt]));
}

/**
 * Runs the steps concurrently: they do not depend on each other, and most of a poll waits for the
 * store.
 */
async function runConcurrently(
  steps: readonly WithEtag<StepDocument>[],
  work: (step: WithEtag<StepDocument>) => Promise<void>,
): Promise<void> {
  const remaining = [...steps];
  const worker = async (): Promise<void> => {
    for (let step = remaining.shift(); step !== undefined; step = remaining.shift()) await work(step);
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT }, worker));
}

/** Resets an intention without a write while the job must not send: the step has not begun. */
async function resetToWaiting(step: WithEtag<StepDocument>, now: Date): Promise<number> {
  if (step.state === 'started') await saveStep(step, { step: { state: 'waiting' } }, now);
  return PAUSED_POLL_SECONDS;
}

/**
 * Leaves the step unchanged in a paused job. Ends the step in a cancelled job, so that it never
 * begins.
 */
async function handlePausedOrCancelled(
  step: WithEtag<StepDocument>,
  controlState: ControlDocument['wish'],
  now: Date,
  [handedOver]: readonly HandedOverVm[],
): Promise<NextPoll> {
  if (controlState !== 'cancelled') return PAUSED_POLL_SECONDS;
  const change = handedOver ? leftToOtherJobChange(handedOver.jobId, now) : cancelledStepChange(now);
  return (await saveStep(step, change, now)) ? 'ended' : SOON_SECONDS;
}

/**
 * If Azure does not answer, the poll concludes nothing: the step stays unchanged until the next
 * poll.
 */
async function pollStepSafely(
  pass: PollPass,
  step: WithEtag<StepDocument>,
  attempt: AttemptDocument | undefined,
): Promise<NextPoll> {
  try {
    return await pollStep(pass, step, attempt);
  } catch (error) {
    if (!isAzureError(error)) throw error;
    return retryAfterSeconds(error) ?? RETRY_SECONDS;
  }
}

/** Recognises an error that an SDK throws, and the same error from the modules that read Azure. */
const isAzureError = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'RestError' ||
    error.name === 'AbortError' ||
    (error instanceof LifeboatError && error.code === 'AzureUnavailable'));

function retryAfterSeconds(error: unknown): number | undefined {
  const headers = (error as { response?: { headers?: { get(name: string): string | undefined } } }).response
    ?.headers;
  const seconds = Number(headers?.get('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? Math.max(SOON_SECONDS, seconds) : undefined;
}
