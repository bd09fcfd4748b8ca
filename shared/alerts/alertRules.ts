// Reads, checks and saves alert rules. A saved rule carries a grant: the name and the rights of the
// caller, for a limited time. The alert routes call this module, and so do `decide.ts`, `review.ts`
// and `processAlerts.ts`.
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

/** Reads one alert rule; gives undefined when no rule has this name. */
export const readAlertRule = (name: string): Promise<WithEtag<AlertRuleDocument> | undefined> =>
  readNamedDocument<AlertRuleDocument>(ALERT_RULE_KIND, name);
/** Reads every alert rule, enabled or not. */
export const readAllAlertRules = (): Promise<WithEtag<AlertRuleDocument>[]> =>
  listNamedDocuments<AlertRuleDocument>(ALERT_RULE_KIND);

/** Reads one alert rule, or throws 404 AlertRuleUnknown. */
export async function requireAlertRule(name: string): Promise<WithEtag<AlertRuleDocument>> {
  const rule = await readAlertRule(name);
  if (!rule)
    throw rejected(
      404,
      'AlertRuleUnknown',
      `There is no alert rule ${name}. GET /api/v1/alert-rules lists all alert rules.`,
    );
  return rule;
}

/**
 * Checks and saves an alert rule with a new grant of the caller. Throws when a target is unknown or
 * the ETag is stale.
 */
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

/** Removes an alert rule. Throws when the rule is unknown or the ETag is stale. */
export async function removeRule(name: string, ifMatch: string | null): Promise<void> {
  const before = await requireAlertRule(name);
  assertIfMatch(ruleLabelOf(name), before, ifMatch);
  if (!(await removeNamedDocument(before)))
    throw changedByOthers(ruleLabelOf(name), await readAlertRule(name));
}

/** The id of the plan that a command runs; undefined for a command on VMs. */
const planIdOf = (command: Command): string | undefined =>
  isPlanCommand(command) ? command.plan : undefined;

/**
 * An approval covers this command on this version of its plan. Version 0 means: no plan, or the
 * plan is gone.
 */
export async function readApprovalSubject(command: Command) {
  const planId = planIdOf(command);
  return {
    commandFingerprint: fingerprintOfCommand(command),
    planVersion: planId === undefined ? 0 : ((await readPlan(planId))?.version ?? 0),
  };
}

/**
 * A decision is valid only for the versions of the rule and the plan at decision time. Gives the
 * reason why the decision is void; null: it is valid.
 */
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
    : `The plan was changed: it is now at version ${subject.planVersion}; the decision was for ` +
        `version ${decidedSubject.planVersion}.`;
}

async function assertTargetsKnown(command: Command): Promise<void> {
  const planId = planIdOf(command);
  if (planId !== undefined && !(await readPlan(planId)))
    throw rejected(422, 'PlanUnknown', `There is no plan ${planId}. Nothing was saved.`);
  const vmIds = planId === undefined && 'vms' in command ? command.vms : [];
  const known = new Set((await findVms(vmIds)).map(({ id }) => id));
  const unknown = vmIds.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `Lifeboat knows no replicated VM ${unknown.join(', ')}. Nothing was saved. GET ` +
        '/api/v1/replications lists the replicated VMs.',
      { vms: unknown },
    );
}
