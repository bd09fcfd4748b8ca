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
  critical: z
    .boolean()
    .default(true)
    .describe('True: the plan needs this step for its goal and its targets. Default: true.'),
  onFailure: z
    .enum(Consequence)
    .optional()
    .describe(
      'After a failure: stop the run, goOn without the step, or ask a person. ' +
        'Default: ask for a critical step, else goOn.',
    ),
  timeoutMinutes: Minutes.optional().describe("Minutes from the step's begin. Default: no time-out."),
  onTimeout: z
    .enum(Consequence)
    .optional()
    .describe('After the time-out: stop, goOn or ask. Default: the same as onFailure.'),
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
