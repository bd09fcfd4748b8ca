// What follows when a step of a plan fails, or takes too long.
import * as z from 'zod';

export const Consequence = {
  /** Nothing new is started, in the whole run; what runs is followed to its end. */
  stop: 'stop',
  /** Those who wait for the step go on as if it had been done; the run tells the exception. */
  goOn: 'goOn',
  /**
   * Those who wait for the step wait for a person's answer: try again, go on, or stop. The others
   * are not held up.
   */
  ask: 'ask',
} as const;
export type Consequence = (typeof Consequence)[keyof typeof Consequence];

const WEEK_MINUTES = 7 * 24 * 60;
export const Minutes = z.number().positive().max(WEEK_MINUTES);

export const ruleFields = {
  /**
   * A critical step is one without which the plan has not done what it is for: it counts when
   * results are held against targets.
   */
  critical: z.boolean().default(true),
  /** Left out: a person is asked about a critical step; about an optional one nobody is. */
  onFailure: z.enum(Consequence).optional(),
  /** Counted from the step's begin. Left out: as long as it takes. */
  timeoutMinutes: Minutes.optional(),
  /** Left out: as when the step fails. */
  onTimeout: z.enum(Consequence).optional(),
};

export const StepRule = z.strictObject(ruleFields);
export type StepRule = z.infer<typeof StepRule>;

export const consequenceOfFailure = (rule: StepRule): Consequence =>
  rule.onFailure ?? (rule.critical ? 'ask' : 'goOn');
export const consequenceOfTimeout = (rule: StepRule): Consequence =>
  rule.onTimeout ?? consequenceOfFailure(rule);

/** The rule within an action, alone. */
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
