// /api/v1/alert-rules and /api/v1/alert-decisions: rules that map alerts to commands, their
// decisions, and the votes of people.
import type { HttpRequest, InvocationContext } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { startDueDecision } from '../../shared/alerts/processAlerts.ts';
import type { DecisionDocument } from '../../shared/alerts/documents.ts';
import { askAboutDecision } from '../../shared/alerts/questions.ts';
import { requireDecision, reviewOpenDecisions, recordVote } from '../../shared/alerts/review.ts';
import {
  readAllAlertRules,
  requireAlertRule,
  removeRule,
  checkAndSaveRule,
} from '../../shared/alerts/alertRules.ts';
import { RuleName } from '../../shared/alerts/rules/rule.ts';
import { readDecisionPage } from '../../shared/alerts/store.ts';
import { decisionView, alertRulePath, alertRuleView } from '../../shared/api/alertViews.ts';
import { DecisionsQuery } from '../../shared/api/queries.ts';
import { etagOf } from '../../shared/core/etags.ts';
import { parseInput } from '../../shared/core/parse.ts';
import { AnswerRequest } from '../../shared/delivery/answerRequest.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import type { OrchestrationContext } from '../orchestrations.ts';
import { startAccepted } from '../startOrchestration.ts';
import { bodyOf, pathPart, queryOf } from './input.ts';

const ruleName = (request: HttpRequest): string =>
  parseInput(RuleName, request.params['id'], 'The id of the alert rule');

export async function listAlertRules(): Promise<HttpAnswer> {
  return jsonAnswer(200, { rules: (await readAllAlertRules()).map(alertRuleView) });
}

export async function readAlertRule(request: HttpRequest): Promise<HttpAnswer> {
  const rule = await requireAlertRule(ruleName(request));
  return jsonAnswer(200, alertRuleView(rule), { etag: etagOf(rule) });
}

/**
 * A change of a rule voids the open questions of its old version. The timer repairs a failure here.
 */
async function reviewQuestions(context: InvocationContext): Promise<void> {
  await reviewOpenDecisions().catch((error: unknown) =>
    context.warn(`What waits is looked at in the next minute: ${String(error)}`),
  );
}

export async function saveAlertRule(
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
): Promise<HttpAnswer> {
  const name = ruleName(request);
  const rule = await checkAndSaveRule(name, await bodyOf(request), request.headers.get('if-match'), caller);
  await reviewQuestions(context);
  return jsonAnswer(rule.version === 1 ? 201 : 200, alertRuleView(rule), {
    etag: etagOf(rule),
    location: alertRulePath(name),
  });
}

export async function removeAlertRule(
  request: HttpRequest,
  _caller: Caller,
  context: InvocationContext,
): Promise<HttpAnswer> {
  await removeRule(ruleName(request), request.headers.get('if-match'));
  await reviewQuestions(context);
  return { status: 204, headers: {}, body: '' };
}

/** The list includes the decisions of removed rules. */
export async function listAlertDecisions(request: HttpRequest): Promise<HttpAnswer> {
  const { limit, continuation } = queryOf(request, DecisionsQuery);
  const { items, next } = await readDecisionPage(ruleName(request), limit, continuation);
  return jsonAnswer(200, { decisions: items.map(decisionView), next });
}

export async function readAlertDecision(request: HttpRequest): Promise<HttpAnswer> {
  return jsonAnswer(200, decisionView(await requireDecision(pathPart(request, 'id'))));
}

/** Records a vote. All asked persons hear of the vote at once, or from the timer. */
async function answerAfterVote(decision: DecisionDocument, context: InvocationContext): Promise<HttpAnswer> {
  await askAboutDecision(decision.id).catch((error: unknown) =>
    context.warn(`What is asked about ${decision.id} waits for the next minute: ${String(error)}`),
  );
  return jsonAnswer(200, decisionView(decision));
}

export async function answerAlertDecision(
  request: HttpRequest,
  caller: Caller,
  context: OrchestrationContext,
): Promise<HttpAnswer> {
  const answer = parseInput(AnswerRequest, await bodyOf(request), 'The body');
  const decision = await recordVote(pathPart(request, 'id'), answer, caller);
  if (decision.state !== 'due') return answerAfterVote(await requireDecision(decision.id), context);
  // If the start of a decision fails here, the timer starts it.
  const started = await startDueDecision(decision, (job) => startAccepted(context, job)).catch(
    (error: unknown) =>
      context.warn(`The decision ${decision.id} waits for the next minute: ${String(error)}`),
  );
  return answerAfterVote(started ?? (await requireDecision(decision.id)), context);
}
