// /api/v1/alert-rules: which alert starts what, and what each rule did about each alert.
import type { HttpRequest } from '@azure/functions';
import { reviewAll } from '../../shared/alerts/review.ts';
import { allRules, knownRule, removeRule, saveRule } from '../../shared/alerts/rules.ts';
import { RuleName } from '../../shared/alerts/rules/rule.ts';
import { etagOf } from '../../shared/core/conditions.ts';
import { json } from '../../shared/http/problem.ts';
import { decisionView, ruleAddress, ruleView } from '../../shared/api/alertViews.ts';
import { DecisionsQuery } from '../../shared/api/queries.ts';
import { parse } from '../../shared/core/parse.ts';
import { decisionsOf } from '../../shared/alerts/store.ts';
import { door } from './door.ts';
import { bodyOf, queryOf } from './input.ts';

const nameOf = (request: HttpRequest): string =>
  parse(RuleName, request.params['id'], 'The id of the alert rule');

door('listAlertRules', 'GET /api/v1/alert-rules', async () =>
  json(200, { rules: (await allRules()).map(ruleView) }),
);

door('readAlertRule', 'GET /api/v1/alert-rules/{id}', async (request) => {
  const rule = await knownRule(nameOf(request));
  return json(200, ruleView(rule), { etag: etagOf(rule) });
});

door('saveAlertRule', 'PUT /api/v1/alert-rules/{id}', async (request, caller, context) => {
  const name = nameOf(request);
  const rule = await saveRule(name, await bodyOf(request), request.headers.get('if-match'), caller);
  // What the rule asked for as it was is void; should it not be told so now, the timer does.
  await reviewAll().catch((error: unknown) =>
    context.warn(`What waits is looked at in the next minute: ${String(error)}`),
  );
  return json(rule.version === 1 ? 201 : 200, ruleView(rule), {
    etag: etagOf(rule),
    location: ruleAddress(name),
  });
});

door('removeAlertRule', 'DELETE /api/v1/alert-rules/{id}', async (request, _caller, context) => {
  await removeRule(nameOf(request), request.headers.get('if-match'));
  await reviewAll().catch((error: unknown) =>
    context.warn(`What waits is looked at in the next minute: ${String(error)}`),
  );
  return { status: 204, headers: {}, body: '' };
});

/** Those of a rule that was removed are still there. */
door('listAlertDecisions', 'GET /api/v1/alert-rules/{id}/decisions', async (request) => {
  const { limit, continuation } = queryOf(request, DecisionsQuery);
  const { items, next } = await decisionsOf(nameOf(request), limit, continuation);
  return json(200, { decisions: items.map(decisionView), next });
});
