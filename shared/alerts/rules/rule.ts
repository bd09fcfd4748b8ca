// An alert rule, as a person writes it: which alerts, how many of them within what time, and what they start.
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
 * Each list that is there must hold one of what the alert has; within a list any will do. Texts are
 * compared without regard to case.
 */
export const RuleConditions = z
  .strictObject({
    sources: z.array(z.enum(AlertSource)).min(1).max(2).optional(),
    names: TextList.optional(),
    severities: z.array(z.int('must be 0 to 4').min(0).max(4)).min(1).max(5).optional(),
    signals: TextList.optional(),
    regions: TextList.optional(),
    /** An id, or one that stands above it: a subscription, a resource group. */
    resources: TextList.optional(),
    /** By the name of a dimension or custom property. */
    dimensions: z.record(Text, TextList).optional(),
  })
  .refine(
    (conditions) => Object.values(conditions).some((condition) => condition !== undefined),
    'must name at least one condition: a rule for every alert there is would start at anything',
  );
export type RuleConditions = z.infer<typeof RuleConditions>;

/** So many alerts, from so many regions, within some minutes of one another. */
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

export const RuleApproval = z.strictObject({
  people: z.literal([1, 2], 'must be 1 or 2').default(1),
  /** Ids of those who may; left out: whoever has the role Approver. */
  from: TextList.optional(),
  /** Left out: it is waited for as long as it takes. */
  expiresAfterMinutes: Minutes.optional(),
});

export const AlertRule = z
  .strictObject({
    description: z.string().trim().max(1000).default(''),
    enabled: z.boolean().default(true),
    when: RuleConditions,
    threshold: Threshold.default({ alerts: 1, withinMinutes: 10 }),
    /** For so long after it has started something, or asked for it, it starts nothing again. */
    coolDownMinutes: Minutes.default(60),
    /** Only tells what it would have started. */
    dryRun: z.boolean().default(false),
    /** Left out: it starts at once, unless the alert is stale. */
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
export type AlertRule = z.infer<typeof AlertRule>;

export const RuleName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 small letters, digits and hyphens');

export const isSameText = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
export const isSameRegion = (a: string, b: string): boolean => normalizeRegion(a) === normalizeRegion(b);
