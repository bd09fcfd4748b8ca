// One step of a plan in one look: what its kind sees, and how it says what came of it.
import { addSeconds } from '../core/clock.ts';
import { TIMED_OUT_CODE } from '../core/states/node.ts';
import type { Action, ActionOf } from '../plans/rules/action.ts';
import type { StepRule } from '../plans/rules/rule.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { NextAttempt } from '../journal/attempts.ts';
import type { AnswerDocument, JobDocument, StepDocument, StepWork } from '../journal/documents.ts';
import { saveStep, type StepChange } from '../journal/saveStep.ts';

export interface ActionContext {
  readonly step: WithEtag<StepDocument>;
  readonly job: JobDocument;
  readonly epoch: number;
  readonly now: Date;
  /** The job is a drill whose time to live is over. */
  readonly isDrillOver: boolean;
  /** What persons have said to the job, read once in a look. */
  readonly answers: () => Promise<readonly AnswerDocument[]>;
}

/** Look again in so many seconds, or nothing more to see. */
export type NextActionPoll = 'ended' | number;

export interface ActionHandler {
  /**
   * What it does goes on without Lifeboat: it is followed to its end also when the job was
   * cancelled. What only waits is given up then.
   */
  readonly runsExternally: boolean;
  /** Its turn has come. Without it, it begins by itself, and all the rest is following. */
  readonly begin?: (turn: ActionContext) => Promise<NextActionPoll>;
  /** What has begun. */
  readonly poll: (turn: ActionContext) => Promise<NextActionPoll>;
  /** Its time is over and it is not; without it, it just ends so. */
  readonly timeOut?: (turn: ActionContext, fault: Fault) => Promise<NextActionPoll>;
}

/** Soon enough for what changes at any moment, and for a lost race. */
export const SOON_SECONDS = 10;
/** Nothing wakes a look that is later than this but an answer. */
export const MAX_POLL_SECONDS = 300;

export type ActionWork = Extract<StepWork, { kind: 'action' }>;
export type HoldWork = Extract<StepWork, { kind: 'hold' }>;

export function actionOf<Name extends Action['kind']>(
  { id, work }: StepDocument,
  kind: Name,
): ActionOf<Name> {
  if (work.kind !== 'action' || work.action.kind !== kind) throw new Error(`Step ${id} is no ${kind}.`);
  return work.action as ActionOf<Name>;
}

const actionRuleOf = ({ work }: StepDocument): StepRule | undefined =>
  work.kind === 'action' ? work.action : undefined;

/** When it must be over; null: it takes as long as it takes. */
export function deadlineOf(step: StepDocument): Date | null {
  const minutes = actionRuleOf(step)?.timeoutMinutes;
  return minutes === undefined || step.startedAt === null
    ? null
    : addSeconds(new Date(step.startedAt), minutes * 60);
}

export const secondsUntil = (time: Date, now: Date): number =>
  Math.max(0, Math.ceil((time.getTime() - now.getTime()) / 1000));

/** A lost race is no failure: whoever won has written what is true, and the next look reads it. */
export const saveActionThen = async (
  { step, now }: ActionContext,
  change: StepChange,
  next: NextActionPoll,
): Promise<NextActionPoll> => ((await saveStep(step, change, now)) ? next : SOON_SECONDS);

/** As it begins: what an earlier try has left is gone. */
export const startedFields = (now: Date): Partial<StepDocument> => ({
  state: 'started',
  startedAt: now.toISOString(),
  endedAt: null,
  waitsFor: null,
  notBefore: null,
  error: null,
  output: null,
});

const endAction = (
  context: ActionContext,
  state: 'succeeded' | 'failed' | 'skipped',
  log: string,
  otherFields: Partial<StepDocument> = {},
  attempt?: NextAttempt,
): Promise<NextActionPoll> =>
  saveActionThen(
    context,
    {
      step: { state, endedAt: context.now.toISOString(), waitsFor: null, notBefore: null, ...otherFields },
      log,
      ...(attempt ? { attempt } : {}),
    },
    'ended',
  );

export const succeed = (
  context: ActionContext,
  log: string,
  otherFields?: Partial<StepDocument>,
  attempt?: NextAttempt,
): Promise<NextActionPoll> => endAction(context, 'succeeded', log, otherFields, attempt);
export const fail = (
  context: ActionContext,
  error: Fault,
  otherFields?: Partial<StepDocument>,
  attempt?: NextAttempt,
): Promise<NextActionPoll> => endAction(context, 'failed', error.message, { error, ...otherFields }, attempt);
export const skipAction = (context: ActionContext, error: Fault): Promise<NextActionPoll> =>
  endAction(context, 'skipped', error.message, { error });

export const rejectedFault = (code: string, message: string): Fault => ({
  kind: ErrorKind.rejected,
  code,
  message,
});

/** Goes on, and says what it waits for: a line in the log only when that is news. */
export function keepWaiting(
  context: ActionContext,
  waitsFor: string,
  next: number,
  otherFields: Partial<StepDocument> = {},
): Promise<NextActionPoll> {
  const logIfNew = context.step.waitsFor === waitsFor ? {} : { log: `Waits for ${waitsFor}.` };
  if (context.step.waitsFor === waitsFor && Object.keys(otherFields).length === 0)
    return Promise.resolve(next);
  return saveActionThen(context, { step: { waitsFor, ...otherFields }, ...logIfNew }, next);
}

/** What ends an action that was not over in time. */
export const timedOutFault = (step: StepDocument): Fault =>
  rejectedFault(
    TIMED_OUT_CODE,
    `${step.targetName} was not over in the ${String(actionRuleOf(step)?.timeoutMinutes)} minutes ` +
      'that the plan gives ' +
      `it${step.waitsFor === null ? '' : `; it was waiting for ${step.waitsFor}`}.`,
  );
