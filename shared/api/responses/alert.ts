// Response schemas of the alert routes.
import * as z from 'zod';
import { AlertSource } from '../../alerts/rules/alert.ts';
import { DecisionState } from '../../alerts/rules/decision.ts';
import { RuleVerdict } from '../../alerts/rules/evaluate.ts';
import { AlertRule } from '../../alerts/rules/rule.ts';
import { Command } from '../../commands/command.ts';
import type { decisionView, alertRuleView } from '../alertViews.ts';
import { count, nullableText, nullableTime, IdAndName, pageOf, text, time } from './common.ts';
import { Question } from './question.ts';

export const SavedAlertRule = z.strictObject({
  id: text,
  version: count,
  rule: AlertRule,
  grant: z.strictObject({ by: IdAndName, roles: z.array(text), givenAt: time, until: time }),
  links: z.strictObject({ self: text, decisions: text }),
}) satisfies z.ZodType<ReturnType<typeof alertRuleView>>;
export const AlertRules = z.strictObject({ rules: z.array(SavedAlertRule) });

export const AlertDecision = z.strictObject({
  id: text,
  rule: z.strictObject({ name: text, version: count }),
  alert: z.strictObject({
    id: text,
    source: z.enum(AlertSource),
    name: text,
    severity: count,
    regions: z.array(text),
    firedAt: time,
  }),
  at: time,
  verdict: z.enum(RuleVerdict),
  reason: text,
  counted: z.array(text),
  state: z.enum(DecisionState),
  outcome: nullableText,
  command: Command.nullable(),
  planVersion: count.nullable(),
  actsFor: IdAndName.nullable(),
  approval: z
    .strictObject({
      people: z.literal([1, 2]),
      from: z.array(text).nullable(),
      askedAt: time,
      expiresAt: nullableTime,
    })
    .nullable(),
  votes: z.array(
    z.strictObject({
      by: text,
      name: text,
      at: time,
      decision: z.enum(['approved', 'refused']),
      reason: nullableText,
    }),
  ),
  questions: z.array(Question),
  cleared: z.array(text),
  job: nullableText,
  error: z.looseObject({ code: text, message: text }).nullable(),
  links: z.strictObject({ self: text, job: text.exactOptional() }),
}) satisfies z.ZodType<ReturnType<typeof decisionView>>;
export const AlertDecisions = pageOf({ decisions: z.array(AlertDecision) });

export const AlertReceipt = z.strictObject({ alert: text, how: z.enum(['new', 'repeated', 'cleared']) });
