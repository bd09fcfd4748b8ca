// What a look at a vault carries from step to step, and what it may leave behind.
import { usualDuration, secondsToNextPoll, type ExpectedDuration } from '../core/polling.ts';
import type { Phase } from '../core/operations.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { StepDocument } from '../journal/documents.ts';
import { saveStep, type StepChange } from '../journal/saveStep.ts';
import type { VaultSnapshot } from '../siterecovery/vaultSnapshot.ts';

export interface PollInput {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly vaultId: string;
  readonly vaultArmId: string;
}

/** In a look: `start` the step now, or look again in so many seconds, or nothing more to see. */
export type NextPoll = 'start' | 'ended' | number;

export interface PollPass {
  readonly input: PollInput;
  readonly view: VaultSnapshot;
  readonly now: Date;
  readonly adopt: boolean;
  /**
   * Seconds after which the caller no longer waits for a VM to be protected; null where that is not
   * asked.
   */
  readonly limitSeconds: number | null;
  /** So few are open that each job is asked for by itself, and not the list of all jobs. */
  readonly jobByJob: boolean;
  /** So few come to their end that each item is asked for by itself, and not the list of all items. */
  readonly itemByItem: boolean;
  /** How many jobs may still be asked for in this look. */
  readonly jobReads: { remaining: number };
  /** What was learned of this phase in this vault; undefined: nothing yet. */
  readonly learned: {
    readonly job: ExpectedDuration | undefined;
    readonly settling: ExpectedDuration | undefined;
  };
}

export const SOON_SECONDS = 10;
/** Until the next look at a step, after Azure could not be read or another operation was first. */
export const RETRY_SECONDS = 30;
/** What no list shows for so long is asked for by itself. */
export const LIST_LAG_SECONDS = 120;

export const secondsSince = (time: string | null, now: Date): number =>
  time === null ? 0 : (now.getTime() - Date.parse(time)) / 1000;

/** A job that takes more than twice its usual time is not given up, but it is told. */
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
    `Site Recovery, for more than twice the usual time of ${step.phase}. Look at the VM in ` +
    'the portal; this step goes on when it ends there';
  if (elapsedSeconds < 2 * Math.max(usualSeconds, expected.maxSeconds) || step.waitsFor === waitsFor)
    return nextSeconds;
  return saveStepThen(pass, step, { step: { waitsFor }, log: `Waits for ${waitsFor}.` }, nextSeconds);
}

export const saveStepThen = async (
  pass: PollPass,
  step: WithEtag<StepDocument>,
  change: StepChange,
  next: NextPoll,
): Promise<NextPoll> => ((await saveStep(step, change, pass.now)) ? next : SOON_SECONDS);
