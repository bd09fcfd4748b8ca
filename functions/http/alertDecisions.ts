// /api/v1/alert-decisions: what a rule has asked persons, and their word.
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { startDue } from '../../shared/alerts/act.ts';
import { knownDecision, vote } from '../../shared/alerts/review.ts';
import { decisionView } from '../../shared/api/alertViews.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { MaybeWhy } from '../../shared/jobs/control.ts';
import { parse } from '../../shared/core/parse.ts';
import { askAboutDecision } from '../../shared/alerts/questions.ts';
import type { DecisionDocument } from '../../shared/alerts/documents.ts';
import { beginning } from '../walks.ts';
import { door } from './door.ts';
import { bodyOf } from './input.ts';

const idOf = (request: HttpRequest): string => request.params['id'] ?? '';

/** Those who were asked hear at once that it is answered; should that fail, the timer tells them. */
async function told(decision: DecisionDocument, context: InvocationContext): Promise<Answer> {
  await askAboutDecision(decision.id).catch((error: unknown) =>
    context.warn(`What is asked about ${decision.id} waits for the next minute: ${String(error)}`),
  );
  return json(200, decisionView(decision));
}

door('readAlertDecision', 'GET /api/v1/alert-decisions/{id}', async (request) =>
  json(200, decisionView(await knownDecision(idOf(request)))),
);

door(
  'approveAlertDecision',
  'POST /api/v1/alert-decisions/{id}/approve',
  async (request, caller, context) => {
    const { reason } = parse(MaybeWhy, await bodyOf(request, {}), 'The body');
    const decision = await vote(idOf(request), 'approved', caller, reason);
    // Should the start fail now, the timer starts it.
    const started =
      decision.state === 'due'
        ? await startDue(decision, beginning(context)).catch((error: unknown) =>
            context.warn(`The decision ${decision.id} waits for the next minute: ${String(error)}`),
          )
        : undefined;
    return told(started ?? (await knownDecision(decision.id)), context);
  },
);

door('refuseAlertDecision', 'POST /api/v1/alert-decisions/{id}/refuse', async (request, caller, context) => {
  const { reason } = parse(MaybeWhy, await bodyOf(request, {}), 'The body');
  return told(await vote(idOf(request), 'refused', caller, reason), context);
});
