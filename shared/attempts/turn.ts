// One step of a plan in one look: what its kind sees, and how it says what came of it.
import { later } from '../core/clock.ts';
import { TIMED_OUT } from '../core/states/node.ts';
import type { Action, ActionOf } from '../plans/rules/action.ts';
import type { Rule } from '../plans/rules/rule.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import type { Stored } from '../store/cosmos.ts';
import type { NextAttempt } from '../journal/attempts.ts';
import type { AnswerDocument, JobDocument, StepDocument, Work } from '../journal/documents.ts';
import { saveStep, type StepChange } from '../journal/saveStep.ts';

export interface Turn {
  readonly step: Stored<StepDocument>;
  readonly job: JobDocument;
  readonly epoch: number;
  readonly now: Date;
  /** The job is a drill whose time to live is over. */
  readonly isDrillOver: boolean;
  /** What persons have said to the job, read once in a look. */
  readonly answers: () => Promise<readonly AnswerDocument[]>;
}

/** Look again in so many seconds, or nothing more to see. */
export type Next = 'ended' | number;

export interface Kind {
  /**
   * What it does goes on without Lifeboat: it is followed to its end also when the job was
   * cancelled. What only waits is given up then.
   */
  readonly acts: boolean;
  /** Its turn has come. Without it, it begins by itself, and all the rest is following. */
  readonly begin?: (turn: Turn) => Promise<Next>;
  /** What has begun. */
  readonly follow: (turn: Turn) => Promise<Next>;
  /** Its time is over and it is not; without it, it just ends so. */
  readonly timeOut?: (turn: Turn, fault: Fault) => Promise<Next>;
}

/** Soon enough for what changes at any moment, and for a lost race. */
export const SOON = 10;
/** Nothing wakes a look that is later than this but an answer. */
export const LATEST = 300;

export type ActionWork = Extract<Work, { kind: 'action' }>;
export type HoldWork = Extract<Work, { kind: 'hold' }>;

export function actionOf<Name extends Action['kind']>(
  { id, work }: StepDocument,
  kind: Name,
): ActionOf<Name> {
  if (work.kind !== 'action' || work.action.kind !== kind) throw new Error(`Step ${id} is no ${kind}.`);
  return work.action as ActionOf<Name>;
}

const ruleOf = ({ work }: StepDocument): Rule | undefined =>
  work.kind === 'action' ? work.action : undefined;

/** When it must be over; null: it takes as long as it takes. */
export function deadlineOf(step: StepDocument): Date | null {
  const minutes = ruleOf(step)?.timeoutMinutes;
  return minutes === undefined || step.startedAt === null
    ? null
    : later(new Date(step.startedAt), minutes * 60);
}

export const secondsUntil = (moment: Date, now: Date): number =>
  Math.max(0, Math.ceil((moment.getTime() - now.getTime()) / 1000));

/** A lost race is no failure: whoever won has written what is true, and the next look reads it. */
export const saved = async ({ step, now }: Turn, change: StepChange, next: Next): Promise<Next> =>
  (await saveStep(step, change, now)) ? next : SOON;

/** As it begins: what an earlier try has left is gone. */
export const begun = (now: Date): Partial<StepDocument> => ({
  state: 'started',
  startedAt: now.toISOString(),
  endedAt: null,
  waitsFor: null,
  notBefore: null,
  error: null,
  output: null,
});

const over = (
  turn: Turn,
  state: 'succeeded' | 'failed' | 'skipped',
  log: string,
  more: Partial<StepDocument> = {},
  attempt?: NextAttempt,
): Promise<Next> =>
  saved(
    turn,
    {
      step: { state, endedAt: turn.now.toISOString(), waitsFor: null, notBefore: null, ...more },
      log,
      ...(attempt ? { attempt } : {}),
    },
    'ended',
  );

export const succeed = (
  turn: Turn,
  log: string,
  more?: Partial<StepDocument>,
  attempt?: NextAttempt,
): Promise<Next> => over(turn, 'succeeded', log, more, attempt);
export const fail = (
  turn: Turn,
  error: Fault,
  more?: Partial<StepDocument>,
  attempt?: NextAttempt,
): Promise<Next> => over(turn, 'failed', error.message, { error, ...more }, attempt);
export const leaveOut = (turn: Turn, error: Fault): Promise<Next> =>
  over(turn, 'skipped', error.message, { error });

export const rejected = (code: string, message: string): Fault => ({
  kind: ErrorKind.rejected,
  code,
  message,
});

/** Goes on, and says what it waits for: a line in the log only when that is news. */
export function waits(
  turn: Turn,
  waitsFor: string,
  next: number,
  more: Partial<StepDocument> = {},
): Promise<Next> {
  const news = turn.step.waitsFor === waitsFor ? {} : { log: `Waits for ${waitsFor}.` };
  if (turn.step.waitsFor === waitsFor && Object.keys(more).length === 0) return Promise.resolve(next);
  return saved(turn, { step: { waitsFor, ...more }, ...news }, next);
}

/** What ends an action that was not over in time. */
export const timedOut = (step: StepDocument): Fault =>
  rejected(
    TIMED_OUT,
    `${step.targetName} was not over in the ${String(ruleOf(step)?.timeoutMinutes)} minutes ` +
      'that the plan gives ' +
      `it${step.waitsFor === null ? '' : `; it was waiting for ${step.waitsFor}`}.`,
  );
