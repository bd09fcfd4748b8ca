// /api/v1/alert-rules and /api/v1/alert-decisions: which alert starts which command, what each rule decided, and
// the votes of people on a decision.
import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { startDue } from '../../shared/alerts/act.ts';
import type { DecisionDocument } from '../../shared/alerts/documents.ts';
import { askAboutDecision } from '../../shared/alerts/questions.ts';
import { knownDecision, reviewAll, vote } from '../../shared/alerts/review.ts';
import { allRules, knownRule, removeRule, saveRule } from '../../shared/alerts/rules.ts';
import { RuleName } from '../../shared/alerts/rules/rule.ts';
import { decisionsOf } from '../../shared/alerts/store.ts';
import { decisionView, ruleAddress, ruleView } from '../../shared/api/alertViews.ts';
import { DecisionsQuery } from '../../shared/api/queries.ts';
import { etagOf } from '../../shared/core/conditions.ts';
import { parse } from '../../shared/core/parse.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { MaybeWhy } from '../../shared/jobs/control.ts';
import { startAccepted } from '../startOrchestration.ts';
import { bodyOf, pathPart, queryOf } from './input.ts';

const ruleName = (request: HttpRequest): string =>
  parse(RuleName, request.params['id'], 'The id of the alert rule');

export async function listAlertRules(): Promise<Answer> {
  return json(200, { rules: (await allRules()).map(ruleView) });
}

export async function readAlertRule(request: HttpRequest): Promise<Answer> {
  const rule = await knownRule(ruleName(request));
  return json(200, ruleView(rule), { etag: etagOf(rule) });
}

/** Open questions of the rule as it was are void. The timer finds what this misses. */
async function reviewQuestions(context: InvocationContext): Promise<void> {
  await reviewAll().catch((error: unknown) =>
    context.warn(`What waits is looked at in the next minute: ${String(error)}`),
  );
}

export async function saveAlertRule(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const name = ruleName(request);
  const rule = await saveRule(name, await bodyOf(request), request.headers.get('if-match'), caller);
  await reviewQuestions(context);
  return json(rule.version === 1 ? 201 : 200, ruleView(rule), {
    etag: etagOf(rule),
    location: ruleAddress(name),
  });
}

export async function removeAlertRule(
  request: HttpRequest,
  _caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  await removeRule(ruleName(request), request.headers.get('if-match'));
  await reviewQuestions(context);
  return { status: 204, headers: {}, body: '' };
}

/** The decisions of a removed rule are listed too. */
export async function listAlertDecisions(request: HttpRequest): Promise<Answer> {
  const { limit, continuation } = queryOf(request, DecisionsQuery);
  const { items, next } = await decisionsOf(ruleName(request), limit, continuation);
  return json(200, { decisions: items.map(decisionView), next });
}

export async function readAlertDecision(request: HttpRequest): Promise<Answer> {
  return json(200, decisionView(await knownDecision(pathPart(request, 'id'))));
}

/** Everybody who was asked hears of the vote at once, or from the timer. */
async function voted(decision: DecisionDocument, context: InvocationContext): Promise<Answer> {
  await askAboutDecision(decision.id).catch((error: unknown) =>
    context.warn(`What is asked about ${decision.id} waits for the next minute: ${String(error)}`),
  );
  return json(200, decisionView(decision));
}

export async function approveAlertDecision(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const { reason } = parse(MaybeWhy, await bodyOf(request, {}), 'The body');
  const decision = await vote(pathPart(request, 'id'), 'approved', caller, reason);
  if (decision.state !== 'due') return voted(await knownDecision(decision.id), context);
  // The timer starts a decision whose start fails here.
  const started = await startDue(decision, (job) => startAccepted(context, job)).catch((error: unknown) =>
    context.warn(`The decision ${decision.id} waits for the next minute: ${String(error)}`),
  );
  return voted(started ?? (await knownDecision(decision.id)), context);
}

export async function refuseAlertDecision(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<Answer> {
  const { reason } = parse(MaybeWhy, await bodyOf(request, {}), 'The body');
  return voted(await vote(pathPart(request, 'id'), 'refused', caller, reason), context);
}
