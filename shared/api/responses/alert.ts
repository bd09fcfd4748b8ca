// Response schemas of the alert routes.
import * as z from 'zod';
import { AlertSource } from '../../alerts/rules/alert.ts';
import { DecisionState } from '../../alerts/rules/decision.ts';
import { RuleVerdict } from '../../alerts/rules/evaluate.ts';
import { AlertRule } from '../../alerts/rules/rule.ts';
import { Command } from '../../commands/command.ts';
import type { decisionView, alertRuleView } from '../alertViews.ts';
import { count, nullableText, nullableTime, IdAndName, pageOf, text, texts, time } from './common.ts';
import { Question } from './question.ts';

export const SavedAlertRule = z.strictObject({
  id: text.describe('The name of the rule.'),
  version: count.describe('The version of the rule. Each save raises it.'),
  rule: AlertRule.describe('The rule, with its defaults.'),
  grant: z
    .strictObject({
      by: IdAndName.describe('The person for whom the rule acts.'),
      roles: texts.describe('The roles with which the rule acts.'),
      givenAt: time.describe('The time of the last save.'),
      until: time.describe('The end of the grant. Saving the rule again renews it.'),
    })
    .describe('The grant of the rule.'),
  links: z
    .strictObject({
      self: text.describe('The path of the rule.'),
      decisions: text.describe('The path of its decisions.'),
    })
    .describe('Paths of related objects.'),
}) satisfies z.ZodType<ReturnType<typeof alertRuleView>>;
export const AlertRules = z.strictObject({ rules: z.array(SavedAlertRule).describe('All alert rules.') });

const DecidedAlert = z.strictObject({
  id: text.describe('The id of the alert.'),
  source: z.enum(AlertSource).describe('The sender of the alert.'),
  name: text.describe('The name of the alert.'),
  severity: count.describe('The severity, from 0 (critical) to 4.'),
  regions: texts.describe('The regions of the alert.'),
  firedAt: time.describe('The time at which the alert fired.'),
});
const DecisionApproval = z
  .strictObject({
    people: z.literal([1, 2]).describe('How many people must approve.'),
    from: texts.nullable().describe('Ids of the permitted people; null: everybody with the role Approver.'),
    askedAt: time.describe('The time of the question.'),
    expiresAt: nullableTime.describe('The time at which the question expires; null: never.'),
  })
  .nullable();
const DecisionVote = z.strictObject({
  by: text.describe('The object id of the person in Entra ID.'),
  name: text.describe('The name of the person.'),
  at: time.describe('The time of the vote.'),
  decision: z.enum(['approved', 'refused']).describe('The vote.'),
  reason: nullableText.describe('The reason of the person, if any.'),
});
export const AlertDecision = z.strictObject({
  id: text.describe('The id of the decision.'),
  rule: z
    .strictObject({
      name: text.describe('The name of the rule.'),
      version: count.describe('The version of the rule at the decision.'),
    })
    .describe('The rule that decided.'),
  alert: DecidedAlert.describe('The alert that the rule decided about.'),
  at: time.describe('The time of the decision.'),
  verdict: z.enum(RuleVerdict).describe('The answer of the rule to the alert.'),
  reason: text.describe('The reason for the verdict.'),
  counted: texts.describe('The ids of the alerts that counted.'),
  state: z.enum(DecisionState).describe('The state of the decision.'),
  outcome: nullableText.describe('What came of it, in words; null: not known yet.'),
  command: Command.nullable().describe('The command of the rule; null: the rule starts nothing.'),
  planVersion: count.nullable().describe('The version of the plan in the command; null: no plan.'),
  actsFor: IdAndName.nullable().describe('The person for whom the rule acts; null: nobody.'),
  approval: DecisionApproval.describe('The approval that the rule asks for; null: none.'),
  votes: z.array(DecisionVote).describe('The votes so far.'),
  questions: z.array(Question).describe('The open question, with its ready requests.'),
  cleared: texts.describe('Counted alerts that ended while the decision waited.'),
  job: nullableText.describe('The id of the started job; null: none.'),
  error: z
    .looseObject({
      code: text.describe('The problem code; GET /api/problems/{code} explains it.'),
      message: text.describe('The event, its effect and the next action.'),
    })
    .nullable()
    .describe('The reason why the command was refused; null: none.'),
  links: z
    .strictObject({
      self: text.describe('The path of the decision.'),
      job: text.exactOptional().describe('The path of the job.'),
    })
    .describe('Paths of related objects.'),
}) satisfies z.ZodType<ReturnType<typeof decisionView>>;
export const AlertDecisions = pageOf({
  decisions: z.array(AlertDecision).describe('The decisions, newest first.'),
});

export const AlertReceipt = z.strictObject({
  alert: text.describe('The id that Lifeboat gave to the alert.'),
  how: z.enum(['new', 'repeated', 'cleared']).describe('New, known already, or over.'),
});
