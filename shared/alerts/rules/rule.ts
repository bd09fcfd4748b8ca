// The schema of an alert rule: the conditions, the threshold, the approval and the command. The
// alert routes parse their bodies with it.
import * as z from 'zod';
import { Command, isEnablingCommand } from '../../commands/command.ts';
import { AlertSource, normalizeRegion } from './alert.ts';

const Text = z.string().trim().min(1).max(1000);
const TextList = z.array(Text).min(1).max(100);
const DAY_MINUTES = 24 * 60;
const Minutes = z
  .number()
  .positive()
  .max(7 * DAY_MINUTES);

/**
 * Each condition list must contain one value of the alert. The comparison of texts ignores case.
 */
export const RuleConditions = z
  .strictObject({
    sources: z.array(z.enum(AlertSource)).min(1).max(2).optional().describe('Senders. Default: all.'),
    names: TextList.optional().describe('Names of alerts. Default: all.'),
    severities: z
      .array(z.int('must be 0 to 4').min(0).max(4))
      .min(1)
      .max(5)
      .optional()
      .describe('Severities from 0 (critical) to 4. Default: all.'),
    signals: TextList.optional().describe('Signal types, such as Metric or Log. Default: all.'),
    regions: TextList.optional().describe('Regions of the alert or of its resources. Default: all.'),
    resources: TextList.optional().describe(
      'Ids of resources, or of their resource groups or subscriptions. Default: all.',
    ),
    dimensions: z
      .record(Text, TextList)
      .optional()
      .describe('Values by the name of a dimension or of a custom property. Default: all.'),
  })
  .refine(
    (conditions) => Object.values(conditions).some((condition) => condition !== undefined),
    'must name at least one condition: a rule without conditions would start on every alert',
  );
export type RuleConditions = z.infer<typeof RuleConditions>;

/** The required number of alerts and regions within some minutes. */
export const Threshold = z
  .strictObject({
    alerts: z.int().min(1).max(100).default(1).describe('The number of alerts. Default: 1.'),
    regions: z.int().min(1).max(20).optional().describe('The number of regions. Default: 1.'),
    withinMinutes: z
      .number()
      .positive()
      .max(DAY_MINUTES)
      .default(10)
      .describe('The minutes in which they must come. Default: 10.'),
  })
  .refine(({ alerts, regions = 1 }) => regions <= alerts, {
    path: ['regions'],
    message: 'cannot be more than the alerts',
  });

/** The approval that a rule asks for before its command starts. */
export const RuleApproval = z.strictObject({
  people: z
    .literal([1, 2], 'must be 1 or 2')
    .default(1)
    .describe('How many people must approve. Default: 1.'),
  from: TextList.optional().describe(
    'Object ids of the permitted people. Default: everybody with the role Approver.',
  ),
  expiresAfterMinutes: Minutes.optional().describe('Minutes to the end of the question. Default: never.'),
});

/** An alert rule as a person writes it. */
export const AlertRule = z
  .strictObject({
    description: z.string().trim().max(1000).default('').describe('A text for people. Default: empty.'),
    enabled: z.boolean().default(true).describe('False: the rule decides nothing. Default: true.'),
    when: RuleConditions.describe('The conditions. An alert must fulfil each of them.'),
    threshold: Threshold.default({ alerts: 1, withinMinutes: 10 }).describe(
      'How many such alerts must come. Default: one.',
    ),
    coolDownMinutes: Minutes.default(60).describe(
      'Minutes after a start or a question in which the rule starts nothing. Default: 60.',
    ),
    dryRun: z
      .boolean()
      .default(false)
      .describe('True: the rule only reports the command that it would start. Default: false.'),
    approval: RuleApproval.optional().describe(
      'The approval before the start. Default: none, unless the alert is stale.',
    ),
    command: Command.refine(
      (command) => !isEnablingCommand(command),
      'cannot be one that enables replication: alerts bring VMs over',
    ).describe('The command that the rule starts.'),
  })
  .refine(({ coolDownMinutes, threshold }) => coolDownMinutes >= threshold.withinMinutes, {
    path: ['coolDownMinutes'],
    message: 'must not be shorter than threshold.withinMinutes, or the same alerts would count twice',
  });
/** An alert rule as a person writes it. */
export type AlertRule = z.infer<typeof AlertRule>;

/** The name of an alert rule, as it stands in the address of its route. */
export const RuleName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 small letters, digits and hyphens');

export const isSameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
export const isSameRegion = (a: string, b: string): boolean => normalizeRegion(a) === normalizeRegion(b);
