// Alert rules, and what they did about each alert.
import * as z from 'zod';
import { AlertSource } from '../../alerts/rules/alert.ts';
import { DecisionState } from '../../alerts/rules/decision.ts';
import { Verdict } from '../../alerts/rules/evaluate.ts';
import { AlertRule } from '../../alerts/rules/rule.ts';
import { Command } from '../../commands/command.ts';
import type { decisionView, ruleView } from '../alertViews.ts';
import { count, maybeText, maybeTime, Named, pageOf, text, time } from './common.ts';

export const SavedAlertRule = z.strictObject({
  id: text,
  version: count,
  rule: AlertRule,
  grant: z.strictObject({ by: Named, roles: z.array(text), givenAt: time, until: time }),
  links: z.strictObject({ self: text, decisions: text }),
}) satisfies z.ZodType<ReturnType<typeof ruleView>>;
export const AlertRules = z.strictObject({ rules: z.array(SavedAlertRule) });

export const Decision = z.strictObject({
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
  verdict: z.enum(Verdict),
  reason: text,
  counted: z.array(text),
  state: z.enum(DecisionState),
  outcome: maybeText,
  command: Command.nullable(),
  planVersion: count.nullable(),
  actsFor: Named.nullable(),
  approval: z
    .strictObject({
      people: z.literal([1, 2]),
      from: z.array(text).nullable(),
      askedAt: time,
      expiresAt: maybeTime,
    })
    .nullable(),
  votes: z.array(
    z.strictObject({
      by: text,
      name: text,
      at: time,
      decision: z.enum(['approved', 'refused']),
      reason: maybeText,
    }),
  ),
  cleared: z.array(text),
  job: maybeText,
  error: z.looseObject({ code: text, message: text }).nullable(),
  links: z.strictObject({ self: text, job: text.exactOptional() }),
}) satisfies z.ZodType<ReturnType<typeof decisionView>>;
export const Decisions = pageOf({ decisions: z.array(Decision) });

export const AlertTaken = z.strictObject({ alert: text, how: z.enum(['new', 'repeated', 'cleared']) });
