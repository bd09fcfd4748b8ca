// Saving alert rules. Who saves one gives it their name and their right to act, for a time.
import * as z from 'zod';
import { createGrant } from '../access/grant.ts';
import { clock } from '../core/clock.ts';
import { AlertRule } from './rules/rule.ts';
import { commandSchemaFor, isPlanCommand, type Command } from '../commands/command.ts';
import { rejected } from '../core/errors.ts';
import { changedByOthers, assertIfMatch } from '../core/etags.ts';
import { isSameSubject } from '../plans/rules/approval.ts';
import { fingerprintOfCommand } from '../commands/fingerprint.ts';
import { parseInput } from '../core/parse.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { AlertRuleDocument, DecisionDocument } from './documents.ts';
import type { Caller } from '../access/caller.ts';
import {
  listNamedDocuments,
  namedDocumentIdOf,
  readNamedDocument,
  removeNamedDocument,
  saveNamedDocument,
} from '../store/namedDocuments.ts';
import { readPlan } from '../plans/store.ts';
import { findVms } from '../replications/registry.ts';

const ALERT_RULE_KIND = 'alertRule';
const ruleLabelOf = (name: string) => ({ noun: 'AlertRule', name: `an alert rule ${name}` });

export const readAlertRule = (name: string): Promise<WithEtag<AlertRuleDocument> | undefined> =>
  readNamedDocument<AlertRuleDocument>(ALERT_RULE_KIND, name);
export const readAllAlertRules = (): Promise<WithEtag<AlertRuleDocument>[]> =>
  listNamedDocuments<AlertRuleDocument>(ALERT_RULE_KIND);

export async function requireAlertRule(name: string): Promise<WithEtag<AlertRuleDocument>> {
  const rule = await readAlertRule(name);
  if (!rule)
    throw rejected(
      404,
      'AlertRuleUnknown',
      `There is no alert rule ${name}. GET /api/v1/alert-rules lists those that there are.`,
    );
  return rule;
}

export async function checkAndSaveRule(
  name: string,
  body: unknown,
  ifMatch: string | null,
  caller: Caller,
): Promise<AlertRuleDocument> {
  const { command = null } = parseInput(z.looseObject({ command: z.unknown() }), body, 'The alert rule');
  parseInput(commandSchemaFor(command), command, 'The command of the alert rule');
  const rule = parseInput(AlertRule, body, 'The alert rule');
  const grant = createGrant(caller, rule.command, await clock().now());
  await assertTargetsKnown(rule.command);
  const before = await readAlertRule(name);
  assertIfMatch(ruleLabelOf(name), before, ifMatch);
  const next: AlertRuleDocument = {
    id: namedDocumentIdOf(ALERT_RULE_KIND, name),
    kind: ALERT_RULE_KIND,
    type: ALERT_RULE_KIND,
    schema: SCHEMA_VERSION,
    version: (before?.version ?? 0) + 1,
    rule,
    grant,
  };
  if (await saveNamedDocument(next, before)) return next;
  throw changedByOthers(ruleLabelOf(name), await readAlertRule(name));
}

export async function removeRule(name: string, ifMatch: string | null): Promise<void> {
  const before = await requireAlertRule(name);
  assertIfMatch(ruleLabelOf(name), before, ifMatch);
  if (!(await removeNamedDocument(before)))
    throw changedByOthers(ruleLabelOf(name), await readAlertRule(name));
}

/** The id of the plan that a command runs; undefined for one on VMs. */
const planIdOf = (command: Command): string | undefined =>
  isPlanCommand(command) ? command.plan : undefined;

/**
 * What an approval is for: this command, on this version of its plan (0: it runs none, or the plan
 * is gone).
 */
export async function readApprovalSubject(command: Command) {
  const planId = planIdOf(command);
  return {
    commandFingerprint: fingerprintOfCommand(command),
    planVersion: planId === undefined ? 0 : ((await readPlan(planId))?.version ?? 0),
  };
}

/** What was decided is only good for the rule, and the plan, that it was decided by. */
export async function findVoidReason(decision: DecisionDocument): Promise<string | null> {
  const { rule, grant, command, approval, planVersion } = decision;
  const currentRule = await readAlertRule(rule.name);
  if (!currentRule) return `The rule ${rule.name} was removed.`;
  if (currentRule.version !== rule.version || currentRule.grant.givenAt !== grant?.givenAt)
    return `The rule ${rule.name} was changed.`;
  if (!command) return null;
  const subject = await readApprovalSubject(command);
  const decidedSubject = approval?.subject ?? { ...subject, planVersion };
  return isSameSubject(subject, decidedSubject)
    ? null
    : `The plan was changed: it is at version ${subject.planVersion} now, and was at ${decidedSubject.planVersion}.`;
}

async function assertTargetsKnown(command: Command): Promise<void> {
  const planId = planIdOf(command);
  if (planId !== undefined && !(await readPlan(planId)))
    throw rejected(422, 'PlanUnknown', `There is no plan ${planId}. Nothing was saved.`);
  const vmIds =
    planId === undefined && 'vms' in command
      ? command.vms.filter((vm): vm is string => typeof vm === 'string')
      : [];
  const known = new Set((await findVms(vmIds)).map(({ id }) => id));
  const unknown = vmIds.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `Lifeboat knows no replicated VM ${unknown.join(', ')}. Nothing was saved. GET ` +
        '/api/v1/replications lists those it knows.',
      { vms: unknown },
    );
}
