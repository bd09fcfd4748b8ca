// Following a phase: one look at the vault for all of its open steps. Each step's state says what is looked for.
import { clock, later } from '../clock.ts';
import { judgeJobEnd } from '../domain/attempt.ts';
import type { Command } from '../domain/command.ts';
import { ArmJobState, type ArmJob, type Item } from '../domain/item.ts';
import { secondsToNextLook } from '../domain/polling.ts';
import { usually } from '../domain/story.ts';
import { isPreparing, type Phase } from '../domain/words.ts';
import type { Stored } from '../store/cosmos.ts';
import { readControl } from '../store/control.ts';
import type { AttemptDocument, ControlDocument, StepDocument } from '../store/documents.ts';
import { advance, attemptsInPhase, cancelledStep, isSuperseded, openStepsInPhase, readJob, saveStep, type StepChange } from '../store/jobs.ts';
import { siteRecoveryOf } from './adapter.ts';
import { jobFailed, membersLeft, partFailed, partMissing, stillReplicating } from './faults.ts';
import { forgetItem, rememberItem, rememberNewItem } from './items.ts';
import { warningsSeen } from './placed.ts';
import { jobInTheWay, resolveUnknown } from './proof.ts';
import { scenarios } from './scenarios.ts';
import { membersOf, rememberMembers, ruleOf } from './targets/group.ts';
import { findPart, partOf } from './targets/part.ts';
import { viewOf, type View } from './view.ts';

export interface FollowInput {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly vaultId: string;
  readonly vaultArmId: string;
}

export interface Followed {
  readonly superseded: boolean;
  readonly open: number;
  /** VMs whose step may be started (again) now. */
  readonly startable: readonly string[];
  readonly nextSeconds: number;
}

/** In a look: `start` the step now, or look again in so many seconds, or nothing more to see. */
type Next = 'start' | 'ended' | number;

interface Look {
  readonly input: FollowInput;
  readonly view: View;
  readonly now: Date;
  readonly adopt: boolean;
  /** Seconds after which the caller no longer waits for a VM to be protected; null where that is not asked. */
  readonly limit: number | null;
  /** How many jobs may still be asked for in this look. */
  readonly details: { left: number };
}

const asked = (command: Command): Pick<Look, 'adopt' | 'limit'> =>
  ({ adopt: 'adopt' in command && command.adopt, limit: 'followHours' in command ? command.followHours * 3600 : null });

const SOON = 10;
const AFTER_TROUBLE = 30;
/** How soon a job that is paused sees that it may go on. */
const WHILE_HELD = 30;
/** An accepted job that no list shows for so long is asked for by its id. */
const LIST_LAG = 120;
/** A thousand jobs that have ended since the last look are asked for by and by: reads have a budget too. */
const MOST_DETAILS = 120;
const AT_ONCE = 8;
/** Nothing of the ground takes longer to appear. */
const MAKING = 900;

export async function follow(input: FollowInput): Promise<Followed> {
  const [job, steps, wish] = await Promise.all([readJob(input.jobId), openStepsInPhase(input.jobId, input.phase, input.vaultId), wishFor(input.jobId)]);
  const held = wish ?? 'running';
  if (!job || isSuperseded(job, input.epoch) || steps.some((step) => isSuperseded(step, input.epoch))) return { superseded: true, open: steps.length, startable: [], nextSeconds: 0 };
  if (steps.length === 0) return { superseded: false, open: 0, startable: [], nextSeconds: 0 };
  const attempts = await attemptsOf(input, steps);
  const look: Look = { input, view: viewOf(await siteRecoveryOf(input.vaultArmId)), now: await clock().now(), details: { left: MOST_DETAILS }, ...asked(job.command) };
  const startable: string[] = [];
  const waits: number[] = [];
  await sideBySide(steps, async (step) => {
    const next = held === 'running' || step.state !== 'waiting' ? await followSafely(look, step, attempts.get(`${step.id}:${step.attempt}`)) : await heldUp(step, held, look.now);
    if (next === 'start' && held !== 'running') waits.push(await backToWaiting(step, look.now));
    else if (next === 'start') startable.push(step.targetId);
    else if (next !== 'ended') waits.push(next);
  });
  return { superseded: false, open: startable.length + waits.length, startable, nextSeconds: startable.length > 0 ? 0 : Math.min(...waits, 600) };
}

/** Only what was sent has something to be followed by its attempt. */
async function attemptsOf({ jobId, phase }: FollowInput, steps: readonly StepDocument[]): Promise<ReadonlyMap<string, AttemptDocument>> {
  const attempts = steps.some((step) => step.state === 'started') ? await attemptsInPhase(jobId, phase) : [];
  return new Map(attempts.map((attempt) => [`${attempt.stepId}:${attempt.number}`, attempt]));
}

/** The steps of a phase do not need each other, and most of a look is waiting for the store. */
async function sideBySide(steps: readonly Stored<StepDocument>[], work: (step: Stored<StepDocument>) => Promise<void>): Promise<void> {
  const left = [...steps];
  const worker = async (): Promise<void> => {
    for (let step = left.shift(); step !== undefined; step = left.shift()) await work(step);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const wishFor = async (jobId: string): Promise<ControlDocument['wish'] | undefined> => (await readControl(jobId))?.wish;

/** An intention that was never sent, while nothing may be: the step has not begun. */
async function backToWaiting(step: Stored<StepDocument>, now: Date): Promise<number> {
  if (step.state === 'started') await saveStep(step, { step: { state: 'waiting' } }, now);
  return WHILE_HELD;
}

/** Paused, it is left as it is; cancelled, it is never begun. */
async function heldUp(step: Stored<StepDocument>, wish: ControlDocument['wish'], now: Date): Promise<Next> {
  if (wish !== 'cancelled') return WHILE_HELD;
  return (await saveStep(step, cancelledStep(now), now)) ? 'ended' : SOON;
}

/** When Azure cannot be read, nothing is concluded: the step stays as it is, and is looked at again. */
async function followSafely(look: Look, step: Stored<StepDocument>, attempt: AttemptDocument | undefined): Promise<Next> {
  try {
    return await followStep(look, step, attempt);
  } catch (error) {
    if (!isFromAzure(error)) throw error;
    return retryAfter(error) ?? AFTER_TROUBLE;
  }
}

function followStep(look: Look, step: Stored<StepDocument>, attempt: AttemptDocument | undefined): Promise<Next> | Next {
  switch (step.state) {
    case 'waiting': {
      const wait = step.notBefore === null ? 0 : (Date.parse(step.notBefore) - look.now.getTime()) / 1000;
      return wait <= 0 ? 'start' : Math.ceil(wait);
    }
    case 'started':
      return attempt ? followAttempt(look, step, attempt) : 'start';
    case 'settling':
      return settle(look, step);
    case 'following':
      return followForeign(look, step);
    case 'succeeded': case 'alreadySo': case 'takenOver': case 'failed': case 'skipped': case 'leftRunning':
      return 'ended';
  }
}

async function followAttempt(look: Look, step: Stored<StepDocument>, attempt: AttemptDocument): Promise<Next> {
  switch (attempt.state) {
    case 'prepared':
      return 'start';
    case 'sending': {
      if (Date.parse(attempt.deadline ?? '') > Date.now()) return SOON;
      const unknown = advance(attempt, 'unknown', { unknownSince: look.now.toISOString() });
      await saveStep(step, { attempt: unknown, log: `Whoever sent attempt ${attempt.number} is gone, and its answer is not known. Nothing is repeated before it is proven what came of it.` }, look.now);
      return SOON;
    }
    case 'unknown': {
      await resolveUnknown(step, attempt, look.view, look.now);
      return SOON;
    }
    case 'accepted':
      return attempt.armJobId === null ? followPart(look, step, attempt) : followJob(look, step, attempt);
    case 'notAccepted':
      return 'start';
  }
}

const secondsSince = (time: string | null, now: Date): number => (time === null ? 0 : (now.getTime() - Date.parse(time)) / 1000);

/** The job's details, once its list entry says that it has ended (a list entry has no errors). `notNow`: this look has asked enough. */
async function endedJob(look: Look, armJobId: string, since: string | null): Promise<ArmJob | 'notNow' | undefined> {
  const entry = (await look.view.entries()).get(armJobId.toLowerCase());
  const worthAsking = entry ? entry.state !== ArmJobState.running : secondsSince(since, look.now) > LIST_LAG;
  if (!worthAsking) return undefined;
  if (look.details.left-- <= 0) return 'notNow';
  const job = await look.view.job(armJobId);
  return job && job.state !== ArmJobState.running ? job : undefined;
}

async function followJob(look: Look, step: Stored<StepDocument>, attempt: AttemptDocument): Promise<Next> {
  const job = await endedJob(look, attempt.armJobId ?? '', attempt.sentAt);
  if (job === 'notNow') return SOON;
  if (!job) return tellIfLate(look, step, secondsSince(attempt.sentAt, look.now), usually(step.phase).job);
  const times = { armStartedAt: job.startTime, armEndedAt: job.endTime };
  switch (judgeJobEnd(job)) {
    case 'succeeded': {
      const warnings = job.errors.map((error) => `${error.code}: ${error.message}`);
      const settling = await saveStep(step, {
        step: { ...times, state: 'settling', recoveryPoint: job.recoveryPoint, warnings, waitsFor: null, armIdAfter: job.newItemId ?? step.armIdAfter },
        log: `Site Recovery's job ${job.id} has succeeded.`,
      }, look.now);
      return settling ? settle(look, settling) : SOON;
    }
    case 'startAgain':
      return keptOut(look, step, attempt, jobFailed(step, job).message);
    case 'failed': {
      const error = jobFailed(step, job);
      return saved(look, step, { step: { ...times, state: 'failed', error, endedAt: look.now.toISOString(), waitsFor: null }, log: error.message }, 'ended');
    }
  }
}

/** Somebody else was first. With adopt theirs is followed, even when it has ended meanwhile; otherwise ours waits for its turn. */
async function keptOut(look: Look, step: Stored<StepDocument>, attempt: AttemptDocument, why: string): Promise<Next> {
  const theirs = look.adopt ? await jobInTheWay(step, attempt, look.view) : undefined;
  if (theirs) {
    return saved(look, step, {
      step: { state: 'following', foreign: true, armJobId: theirs, waitsFor: null },
      log: `Our job ended without touching anything (${why}) Somebody else's job ${theirs} was first: it is followed, as the command asks.`,
    }, SOON);
  }
  return saved(look, step, {
    step: { state: 'waiting', armJobId: null, notBefore: later(look.now, AFTER_TROUBLE).toISOString(), waitsFor: "somebody else's operation on the VM" },
    log: `Our job ended without touching anything: ${why}`,
  }, AFTER_TROUBLE);
}

/** What Azure makes without a job of Site Recovery is looked at itself. */
async function followPart(look: Look, step: Stored<StepDocument>, attempt: AttemptDocument): Promise<Next> {
  const part = partOf(step);
  const seen = await findPart(part);
  const elapsed = secondsSince(attempt.sentAt, look.now);
  const endedAt = look.now.toISOString();
  if (seen?.ready) return saved(look, step, { step: { state: 'succeeded', endedAt, waitsFor: null }, log: `${part.spec.kind} ${part.name} is there.` }, 'ended');
  const error = seen?.failed ? partFailed(part) : !seen && elapsed > MAKING ? partMissing(part) : undefined;
  if (error) return saved(look, step, { step: { state: 'failed', error, endedAt, waitsFor: null }, log: error.message }, 'ended');
  return tellIfLate(look, step, elapsed, usually(step.phase).job);
}

/** The job has ended well; the step has when what it leads to is seen, and the registry knows. */
async function settle(look: Look, step: Stored<StepDocument>): Promise<Next> {
  const { phase, begunIn } = step;
  if (isPreparing(phase)) return settlePart(look, step);
  if (step.work.kind === 'group') return settleGroup(look, step);
  const item = (await look.view.items()).get(step.armIdAfter?.toLowerCase() ?? '');
  if (!scenarios[step.scenario].rules[phase].settled(item, begunIn)) return waitToSettle(look, step);
  const remembered = await remember(look, step, item);
  if (remembered === false) return SOON;
  const warnings = await warningsSeen(step, item);
  return saved(look, step, {
    step: { state: step.foreign ? 'takenOver' : 'succeeded', armIdAfter: item?.armId ?? step.armIdAfter, endedAt: look.now.toISOString(), waitsFor: null, replicationId: remembered, warnings },
    log: step.foreign
      ? "Somebody else's operation has taken effect; it is not claimed as ours."
      : `${phase} has taken effect: ${item ? `${item.protectionState}, active in ${item.activeLocation.toLowerCase()}` : 'the VM is no longer replicated'}.`,
  }, 'ended');
}

/** Lifeboat's id of a VM that is new to the registry, null when it knows it already; false when nothing could be written now. */
async function remember(look: Look, step: Stored<StepDocument>, item: Item | undefined): Promise<string | null | false> {
  if (!item) return (await forgetItem(look.input, step)) ? null : false;
  if (step.phase === 'enableReplication') return (await rememberNewItem(look.input, step, item, look.now)) ?? false;
  // The size of a VM that was enabled just now; the registry sees it at its next look at the vault.
  if (step.work.kind === 'newVm') return null;
  return (await rememberItem(look.input, step, item, look.now)) ? null : false;
}

/** Together or, where some fell behind, told by name: they do not come by themselves any more. */
async function settleGroup(look: Look, step: Stored<StepDocument>): Promise<Next> {
  const members = await membersOf(step, (await look.view.items()).values());
  const rule = ruleOf(step);
  const left = members.filter(({ item }) => !rule.settled(item, step.begunIn));
  const fallen = left.filter(({ item }) => item && item.allowedOperations.length > 0 && !rule.underway(item, step.begunIn));
  if (left.length > 0 && (fallen.length < left.length || secondsSince(step.armEndedAt, look.now) < LIST_LAG)) return waitToSettle(look, step);
  if (!(await rememberMembers(look.input, step, members, look.now))) return SOON;
  const endedAt = look.now.toISOString();
  if (left.length > 0) {
    const error = membersLeft(step, left.map(({ name }) => name));
    return saved(look, step, { step: { state: 'failed', error, endedAt, waitsFor: null }, log: error.message }, 'ended');
  }
  return saved(look, step, { step: { state: step.foreign ? 'takenOver' : 'succeeded', endedAt, waitsFor: null }, log: `${step.phase} has taken effect for ${members.map(({ name }) => name).join(', ')}.` }, 'ended');
}

async function settlePart(look: Look, step: Stored<StepDocument>): Promise<Next> {
  const part = partOf(step);
  if (!(await findPart(part))?.ready) return waitToSettle(look, step);
  return saved(look, step, { step: { state: 'succeeded', endedAt: look.now.toISOString(), waitsFor: null }, log: `${part.spec.kind} ${part.name} is there.` }, 'ended');
}

/** Replicating a large VM takes days: the caller says how long the job waits for that. */
async function waitToSettle(look: Look, step: Stored<StepDocument>): Promise<Next> {
  const waited = secondsSince(step.startedAt, look.now);
  if (step.phase === 'enableReplication' && look.limit !== null && waited > look.limit) {
    const error = stillReplicating(step, waited);
    return saved(look, step, { step: { state: 'leftRunning', error, endedAt: look.now.toISOString(), waitsFor: null }, log: error.message }, 'ended');
  }
  return tellIfLate(look, step, secondsSince(step.armEndedAt ?? step.startedAt, look.now), usually(step.phase).settle);
}

async function followForeign(look: Look, step: Stored<StepDocument>): Promise<Next> {
  const job = await endedJob(look, step.armJobId ?? '', step.startedAt);
  if (job === 'notNow') return SOON;
  if (!job) return tellIfLate(look, step, secondsSince(step.startedAt, look.now), usually(step.phase).job);
  if (job.state === ArmJobState.succeeded) {
    return saved(look, step, { step: { state: 'settling', armIdAfter: job.newItemId ?? step.armIdAfter }, log: `The followed job ${job.id} has succeeded.` }, SOON);
  }
  return saved(look, step, { step: { state: 'waiting', armJobId: null, notBefore: null }, log: `The followed job ${job.id} ended ${job.state}: our own turn.` }, 'start');
}

/** A job that takes more than twice its usual time is not given up, but it is told. */
async function tellIfLate(look: Look, step: Stored<StepDocument>, elapsed: number, usual: number): Promise<Next> {
  const next = secondsToNextLook(elapsed, usual);
  const waitsFor = `Site Recovery, for more than twice the usual time of ${step.phase}. Look at the VM in the portal; this step goes on when it ends there`;
  if (elapsed < 2 * usual || step.waitsFor === waitsFor) return next;
  return saved(look, step, { step: { waitsFor }, log: `Waits for ${waitsFor}.` }, next);
}

const saved = async (look: Look, step: Stored<StepDocument>, change: StepChange, next: Next): Promise<Next> =>
  (await saveStep(step, change, look.now)) ? next : SOON;

const isFromAzure = (error: unknown): boolean => error instanceof Error && (error.name === 'RestError' || error.name === 'AbortError');

function retryAfter(error: unknown): number | undefined {
  const headers = (error as { response?: { headers?: { get(name: string): string | undefined } } }).response?.headers;
  const seconds = Number(headers?.get('retry-after'));
  return Number.isFinite(seconds) && seconds > 0 ? Math.max(SOON, seconds) : undefined;
}
