// The context of one poll of a plan action, and the helpers that record its result. The action
// handlers in shared/actions call this module.
import { addSeconds } from '../core/clock.ts';
import { TIMED_OUT_CODE } from '../core/states/node.ts';
import type { Action, ActionOf } from '../plans/rules/action.ts';
import type { StepRule } from '../plans/rules/rule.ts';
import { ErrorKind, type Fault } from '../core/errors.ts';
import type { WithEtag } from '../store/cosmos.ts';
import type { NextAttempt } from '../journal/attempts.ts';
import type { AnswerDocument, JobDocument, StepDocument, StepWork } from '../journal/documents.ts';
import { saveStep, type StepChange } from '../journal/saveStep.ts';

/** One action step, its job, and the time of the poll. */
export interface ActionContext {
  readonly step: WithEtag<StepDocument>;
  readonly job: JobDocument;
  readonly epoch: number;
  readonly now: Date;
  /** The job is a drill, and its time to live is over. */
  readonly isDrillOver: boolean;
  /** The answers of persons to the job, read once in a poll. */
  readonly answers: () => Promise<readonly AnswerDocument[]>;
}

/** Poll again after so many seconds, or nothing more to do. */
export type NextActionPoll = 'ended' | number;

/** The code behind one kind of action. */
export interface ActionHandler {
  /**
   * The work continues without Lifeboat, so the poll follows it to its end, even in a cancelled
   * job. Lifeboat gives up an action that only waits.
   */
  readonly runsExternally: boolean;
  /**
   * Runs at the turn of the action. Without it the action begins by itself, and only the poll runs.
   */
  readonly begin?: (turn: ActionContext) => Promise<NextActionPoll>;
  /** Polls an action that has begun. */
  readonly poll: (turn: ActionContext) => Promise<NextActionPoll>;
  /** Runs when the time of the action is over. Without it the action fails with the fault. */
  readonly timeOut?: (turn: ActionContext, fault: Fault) => Promise<NextActionPoll>;
}

/** Soon enough for a state that changes at any moment, and for a lost race. */
export const SOON_SECONDS = 10;
/** The maximum seconds until the next poll: only an answer can wake a later poll. */
export const MAX_POLL_SECONDS = 300;

/** The work of a hold step. */
export type HoldWork = Extract<StepWork, { kind: 'hold' }>;

/** The action of a step. Throws if the action has another kind. */
export function actionOf<Name extends Action['kind']>(
  { id, work }: StepDocument,
  kind: Name,
): ActionOf<Name> {
  if (work.kind !== 'action' || work.action.kind !== kind)
    throw new Error(`Step ${id} is not a ${kind} action.`);
  return work.action as ActionOf<Name>;
}

const actionRuleOf = ({ work }: StepDocument): StepRule | undefined =>
  work.kind === 'action' ? work.action : undefined;

/** The time limit of the action. Null: no limit. */
export function deadlineOf(step: StepDocument): Date | null {
  const minutes = actionRuleOf(step)?.timeoutMinutes;
  return minutes === undefined || step.startedAt === null
    ? null
    : addSeconds(new Date(step.startedAt), minutes * 60);
}

/** The whole seconds from `now` to `time`, at least 0. */
export const secondsUntil = (time: Date, now: Date): number =>
  Math.max(0, Math.ceil((time.getTime() - now.getTime()) / 1000));

/**
 * A lost race is no failure: the winner has recorded the truth, and the next poll reads the record.
 */
export const saveActionThen = async (
  { step, now }: ActionContext,
  change: StepChange,
  next: NextActionPoll,
): Promise<NextActionPoll> => ((await saveStep(step, change, now)) ? next : SOON_SECONDS);

/** The fields of a step that begins: they clear the traces of an earlier attempt. */
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

/** Ends the action as succeeded. */
export const succeed = (
  context: ActionContext,
  log: string,
  otherFields?: Partial<StepDocument>,
  attempt?: NextAttempt,
): Promise<NextActionPoll> => endAction(context, 'succeeded', log, otherFields, attempt);
/** Ends the action as failed, with the error. */
export const fail = (
  context: ActionContext,
  error: Fault,
  otherFields?: Partial<StepDocument>,
  attempt?: NextAttempt,
): Promise<NextActionPoll> => endAction(context, 'failed', error.message, { error, ...otherFields }, attempt);
/** Ends the action as skipped, with the reason. */
export const skipAction = (context: ActionContext, error: Fault): Promise<NextActionPoll> =>
  endAction(context, 'skipped', error.message, { error });

/** A fault that needs a change by a person. */
export const rejectedFault = (code: string, message: string): Fault => ({
  kind: ErrorKind.rejected,
  code,
  message,
});

/** Continues to wait and records the reason. The log gets a line only for a new reason. */
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

/** The fault of an action that exceeded its time limit. */
export const timedOutFault = (step: StepDocument): Fault =>
  rejectedFault(
    TIMED_OUT_CODE,
    `${step.targetName} did not end within ${String(actionRuleOf(step)?.timeoutMinutes)} minutes, ` +
      'the limit in the ' +
      `plan${step.waitsFor === null ? '' : `; it was waiting for ${step.waitsFor}`}.`,
  );
