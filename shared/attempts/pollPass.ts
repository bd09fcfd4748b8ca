// The context of one poll of a vault, which all steps of the poll share. pollPhase.ts creates the
// context.
import { usualDuration, secondsToNextPoll, type ExpectedDuration } from '../core/polling.ts';
import type { Phase } from '../core/operations.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { StepDocument } from '../journal/documents.ts';
import { saveStep, type StepChange } from '../journal/saveStep.ts';
import type { VaultSnapshot } from '../siterecovery/vaultSnapshot.ts';

/** The phase and the vault to poll, and the epoch of the orchestration. */
export interface PollInput {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly vaultId: string;
  readonly vaultArmId: string;
}

/**
 * The result for one step: `start` the step now, poll again after so many seconds, or nothing more
 * to do.
 */
export type NextPoll = 'start' | 'ended' | number;

/** One read of a vault, its time, its limits, and the options of the command. */
export interface PollPass {
  readonly input: PollInput;
  readonly snapshot: VaultSnapshot;
  readonly now: Date;
  readonly adopt: boolean;
  /**
   * Seconds until the caller stops waiting for the protection of a VM. Null: the caller sets no
   * limit.
   */
  readonly limitSeconds: number | null;
  /** Few steps are open, so one read for each job is cheaper than the list of all jobs. */
  readonly jobByJob: boolean;
  /** Few steps end, so one read for each item is cheaper than the list of all items. */
  readonly itemByItem: boolean;
  /** How many job reads this poll may still use. */
  readonly jobReads: { remaining: number };
  /** The durations that Lifeboat learned for this phase in this vault. Undefined: none yet. */
  readonly learned: {
    readonly job: ExpectedDuration | undefined;
    readonly settling: ExpectedDuration | undefined;
  };
}

export const SOON_SECONDS = 10;
/** Seconds until the next poll after a failed read of Azure or a foreign operation. */
export const RETRY_SECONDS = 30;
/** If no list shows a job for this many seconds, the poll reads the job directly. */
export const LIST_LAG_SECONDS = 120;

/** The seconds from `time` to `now`, or 0 without a time. */
export const secondsSince = (time: string | null, now: Date): number =>
  time === null ? 0 : (now.getTime() - Date.parse(time)) / 1000;

/**
 * Warns about a job that takes more than twice its usual time. Lifeboat does not give up the job.
 */
export async function warnIfLate(
  pass: PollPass,
  step: WithEtag<StepDocument>,
  elapsedSeconds: number,
  usualSeconds: number,
  learned?: ExpectedDuration,
): Promise<NextPoll> {
  const expected = learned ?? usualDuration(usualSeconds);
  const nextSeconds = secondsToNextPoll(elapsedSeconds, expected);
  const waitsFor =
    `Site Recovery, for more than twice the usual time of ${step.phase}. Check the VM in ` +
    'the portal; this step continues when the operation ends there';
  if (elapsedSeconds < 2 * Math.max(usualSeconds, expected.maxSeconds) || step.waitsFor === waitsFor)
    return nextSeconds;
  return saveStepThen(pass, step, { step: { waitsFor }, log: `Waits for ${waitsFor}.` }, nextSeconds);
}

/** Saves the change and returns `next`. After a lost race the result asks for another poll soon. */
export const saveStepThen = async (
  pass: PollPass,
  step: WithEtag<StepDocument>,
  change: StepChange,
  next: NextPoll,
): Promise<NextPoll> => ((await saveStep(step, change, pass.now)) ? next : SOON_SECONDS);
