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
    sources: z.array(z.enum(AlertSource)).min(1).max(2).optional(),
    names: TextList.optional(),
    severities: z.array(z.int('must be 0 to 4').min(0).max(4)).min(1).max(5).optional(),
    signals: TextList.optional(),
    regions: TextList.optional(),
    /** Ids of resources, or of their resource groups or subscriptions. */
    resources: TextList.optional(),
    /** The key is the name of a dimension or of a custom property. */
    dimensions: z.record(Text, TextList).optional(),
  })
  .refine(
    (conditions) => Object.values(conditions).some((condition) => condition !== undefined),
    'must name at least one condition: a rule without conditions would start on every alert',
  );
export type RuleConditions = z.infer<typeof RuleConditions>;

/** The required number of alerts and regions within some minutes. */
export const Threshold = z
  .strictObject({
    alerts: z.int().min(1).max(100).default(1),
    regions: z.int().min(1).max(20).optional(),
    withinMinutes: z.number().positive().max(DAY_MINUTES).default(10),
  })
  .refine(({ alerts, regions = 1 }) => regions <= alerts, {
    path: ['regions'],
    message: 'cannot be more than the alerts',
  });

/** The approval that a rule asks for before its command starts. */
export const RuleApproval = z.strictObject({
  people: z.literal([1, 2], 'must be 1 or 2').default(1),
  /** Ids of the permitted people; left out: everybody with the role Approver. */
  from: TextList.optional(),
  /** Left out: the question never expires. */
  expiresAfterMinutes: Minutes.optional(),
});

/** An alert rule as a person writes it. */
export const AlertRule = z
  .strictObject({
    description: z.string().trim().max(1000).default(''),
    enabled: z.boolean().default(true),
    when: RuleConditions,
    threshold: Threshold.default({ alerts: 1, withinMinutes: 10 }),
    /** After a start or a question the rule starts nothing for this many minutes. */
    coolDownMinutes: Minutes.default(60),
    /** The rule only reports the command that it would start. */
    dryRun: z.boolean().default(false),
    /** Left out: the command starts at once, unless the alert is stale. */
    approval: RuleApproval.optional(),
    command: Command.refine(
      (command) => !isEnablingCommand(command),
      'cannot be one that enables replication: alerts bring VMs over',
    ),
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
