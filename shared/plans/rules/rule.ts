// The rule of a plan's step: the consequence of a failure, and of a timeout.

import * as z from 'zod';

export const Consequence = {
  /** The whole run starts nothing new, and follows running steps to their end. */
  stop: 'stop',
  /** The steps that wait for this step continue, and the run reports an exception. */
  goOn: 'goOn',
  /**
   * The steps that wait for this step wait for a person's answer: try again, go on, or stop. Other
   * steps continue.
   */
  ask: 'ask',
} as const;
export type Consequence = (typeof Consequence)[keyof typeof Consequence];

const WEEK_MINUTES = 7 * 24 * 60;
export const Minutes = z.number().positive().max(WEEK_MINUTES);

export const ruleFields = {
  /**
   * Without a critical step, the plan has not reached its goal. Only critical steps count in the
   * comparison with targets.
   */
  critical: z.boolean().default(true),
  /** Without this field: `ask` for a critical step, `goOn` for an optional step. */
  onFailure: z.enum(Consequence).optional(),
  /** Minutes from the step's begin. Without this field: no timeout. */
  timeoutMinutes: Minutes.optional(),
  /** Without this field: the consequence of a failure. */
  onTimeout: z.enum(Consequence).optional(),
};

/** The rule of a step: critical or optional, timeout and consequences. */
export const StepRule = z.strictObject(ruleFields);
export type StepRule = z.infer<typeof StepRule>;

/** The consequence if the step fails. */
export const consequenceOfFailure = (rule: StepRule): Consequence =>
  rule.onFailure ?? (rule.critical ? 'ask' : 'goOn');
/** The consequence if the step is late. */
export const consequenceOfTimeout = (rule: StepRule): Consequence =>
  rule.onTimeout ?? consequenceOfFailure(rule);

/** The rule of an action, without the action's other fields. */
export const stepRuleOf = ({
  critical,
  onFailure: failureConsequence,
  timeoutMinutes,
  onTimeout: timeoutConsequence,
}: StepRule): StepRule => ({
  critical,
  ...(failureConsequence && { onFailure: failureConsequence }),
  ...(timeoutMinutes !== undefined && { timeoutMinutes }),
  ...(timeoutConsequence && { onTimeout: timeoutConsequence }),
});
