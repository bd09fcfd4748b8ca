// Saving alert rules. Who saves one gives it their name and their right to act, for a time.
import * as z from 'zod';
import { giveGrant } from '../access/grant.ts';
import { clock } from '../core/clock.ts';
import { AlertRule } from './rules/rule.ts';
import { commandSchemaFor, isOnPlan, type Command } from '../commands/command.ts';
import { rejected } from '../core/errors.ts';
import { changedMeanwhile, mustHaveRead } from '../core/conditions.ts';
import { same } from '../plans/rules/approval.ts';
import { fingerprintOfCommand } from '../commands/fingerprint.ts';
import { parse } from '../core/parse.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { AlertRuleDocument, DecisionDocument } from './documents.ts';
import type { Caller } from '../access/caller.ts';
import { allKept, keptId, readKept, removeKept, saveKept } from '../store/kept.ts';
import { readPlan } from '../plans/store.ts';
import { findVms } from '../replications/registry.ts';

const RULE = 'alertRule';
const ruleOf = (name: string) => ({ noun: 'AlertRule', name: `an alert rule ${name}` });

export const readRule = (name: string): Promise<Stored<AlertRuleDocument> | undefined> =>
  readKept<AlertRuleDocument>(RULE, name);
export const allRules = (): Promise<Stored<AlertRuleDocument>[]> => allKept<AlertRuleDocument>(RULE);

export async function knownRule(name: string): Promise<Stored<AlertRuleDocument>> {
  const rule = await readRule(name);
  if (!rule)
    throw rejected(
      404,
      'AlertRuleUnknown',
      `There is no alert rule ${name}. GET /api/v1/alert-rules lists those that there are.`,
    );
  return rule;
}

export async function saveRule(
  name: string,
  body: unknown,
  ifMatch: string | null,
  caller: Caller,
): Promise<AlertRuleDocument> {
  const { command = null } = parse(z.looseObject({ command: z.unknown() }), body, 'The alert rule');
  parse(commandSchemaFor(command), command, 'The command of the alert rule');
  const rule = parse(AlertRule, body, 'The alert rule');
  const grant = giveGrant(caller, rule.command, await clock().now());
  await mustBeKnown(rule.command);
  const before = await readRule(name);
  mustHaveRead(ruleOf(name), before, ifMatch);
  const next: AlertRuleDocument = {
    id: keptId(RULE, name),
    kind: RULE,
    type: RULE,
    schema: SCHEMA,
    version: (before?.version ?? 0) + 1,
    rule,
    grant,
  };
  if (await saveKept(next, before)) return next;
  throw changedMeanwhile(ruleOf(name), await readRule(name));
}

export async function removeRule(name: string, ifMatch: string | null): Promise<void> {
  const before = await knownRule(name);
  mustHaveRead(ruleOf(name), before, ifMatch);
  if (!(await removeKept(before))) throw changedMeanwhile(ruleOf(name), await readRule(name));
}

/** The id of the plan that a command runs; undefined for one on VMs. */
const planOf = (command: Command): string | undefined => (isOnPlan(command) ? command.plan : undefined);

/**
 * What an approval is for: this command, on this version of its plan (0: it runs none, or the plan
 * is gone).
 */
export async function subjectOf(command: Command) {
  const plan = planOf(command);
  return {
    commandFingerprint: fingerprintOfCommand(command),
    planVersion: plan === undefined ? 0 : ((await readPlan(plan))?.version ?? 0),
  };
}

/** What was decided is only good for the rule, and the plan, that it was decided by. */
export async function whyVoid(decision: DecisionDocument): Promise<string | null> {
  const { rule, grant, command, approval, planVersion } = decision;
  const now = await readRule(rule.name);
  if (!now) return `The rule ${rule.name} was removed.`;
  if (now.version !== rule.version || now.grant.givenAt !== grant?.givenAt)
    return `The rule ${rule.name} was changed.`;
  if (!command) return null;
  const subject = await subjectOf(command);
  const decided = approval?.subject ?? { ...subject, planVersion };
  return same(subject, decided)
    ? null
    : `The plan was changed: it is at version ${subject.planVersion} now, and was at ${decided.planVersion}.`;
}

async function mustBeKnown(command: Command): Promise<void> {
  const plan = planOf(command);
  if (plan !== undefined && !(await readPlan(plan)))
    throw rejected(422, 'PlanUnknown', `There is no plan ${plan}. Nothing was saved.`);
  const named =
    plan === undefined && 'vms' in command
      ? command.vms.filter((vm): vm is string => typeof vm === 'string')
      : [];
  const known = new Set((await findVms(named)).map(({ id }) => id));
  const unknown = named.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw rejected(
      422,
      'VmUnknown',
      `Lifeboat knows no replicated VM ${unknown.join(', ')}. Nothing was saved. GET ` +
        '/api/v1/replications lists those it knows.',
      { vms: unknown },
    );
}
