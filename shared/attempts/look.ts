// What a look at a vault carries from step to step, and what it may leave behind.
import { aroundUsual, secondsToNextLook, type Expected } from '../core/polling.ts';
import type { Phase } from '../core/words.ts';
import type { Stored } from '../store/cosmos.ts';
import type { StepDocument } from '../journal/documents.ts';
import { saveStep, type StepChange } from '../journal/saveStep.ts';
import type { View } from '../siterecovery/view.ts';

export interface FollowInput {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly vaultId: string;
  readonly vaultArmId: string;
}

/** In a look: `start` the step now, or look again in so many seconds, or nothing more to see. */
export type Next = 'start' | 'ended' | number;

export interface Look {
  readonly input: FollowInput;
  readonly view: View;
  readonly now: Date;
  readonly adopt: boolean;
  /**
   * Seconds after which the caller no longer waits for a VM to be protected; null where that is not
   * asked.
   */
  readonly limit: number | null;
  /** So few are open that each job is asked for by itself, and not the list of all jobs. */
  readonly alone: boolean;
  /** So few come to their end that each item is asked for by itself, and not the list of all items. */
  readonly itemByItem: boolean;
  /** How many jobs may still be asked for in this look. */
  readonly details: { left: number };
  /** What was learned of this phase in this vault; undefined: nothing yet. */
  readonly learned: { readonly job: Expected | undefined; readonly settling: Expected | undefined };
}

export const SOON = 10;
/** Until the next look at a step, after Azure could not be read or another operation was first. */
export const AFTER_TROUBLE = 30;
/** What no list shows for so long is asked for by itself. */
export const LIST_LAG = 120;

export const secondsSince = (time: string | null, now: Date): number =>
  time === null ? 0 : (now.getTime() - Date.parse(time)) / 1000;

/** A job that takes more than twice its usual time is not given up, but it is told. */
export async function tellIfLate(
  look: Look,
  step: Stored<StepDocument>,
  elapsed: number,
  usual: number,
  learned?: Expected,
): Promise<Next> {
  const expected = learned ?? aroundUsual(usual);
  const next = secondsToNextLook(elapsed, expected);
  const waitsFor =
    `Site Recovery, for more than twice the usual time of ${step.phase}. Look at the VM in ` +
    'the portal; this step goes on when it ends there';
  if (elapsed < 2 * Math.max(usual, expected.late) || step.waitsFor === waitsFor) return next;
  return saved(look, step, { step: { waitsFor }, log: `Waits for ${waitsFor}.` }, next);
}

export const saved = async (
  look: Look,
  step: Stored<StepDocument>,
  change: StepChange,
  next: Next,
): Promise<Next> => ((await saveStep(step, change, look.now)) ? next : SOON);
