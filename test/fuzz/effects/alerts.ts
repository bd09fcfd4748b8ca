// Effects of accepted alerts, and of answers to the questions of a rule.
import type { AlertDocument, DecisionDocument } from '../../../shared/alerts/documents.ts';
import type { AnswerRequest } from '../../../shared/delivery/answerRequest.ts';
import { objectIdOf } from '../known-state.ts';
import {
  check,
  checkSame,
  pathParameters,
  sentBody,
  readWithStatus,
  type AcceptedCase,
  type Effect,
} from './effect.ts';

/** The app stores the alert once, and each enabled rule has decided about it. */
const alertEffect: Effect = ({ environment, answer, before }: AcceptedCase) => {
  const { alert, how } = answer.body as { readonly alert: string; readonly how: string };
  const storedAlerts = environment.storedState
    .documents<AlertDocument>('alert')
    .filter(({ subject }) => subject === alert);
  checkSame(storedAlerts.length, 1, 'How often the alert is kept');
  const decisions = environment.storedState
    .documents<DecisionDocument>('decision')
    .filter((document) => document.alert.id === alert);
  const missing = before.rules.filter(
    ({ rule, id }) =>
      rule.enabled &&
      how === 'new' &&
      storedAlerts[0]?.alert.resolvedAt === null &&
      !decisions.some((decision) => `alertRule:${decision.rule.name}` === id),
  );
  checkSame(
    missing.map(({ id }) => id),
    [],
    'Rules that have not decided',
  );
  checkSame(
    new Set(decisions.map(({ rule }) => rule.name)).size,
    decisions.length,
    'A rule decides once about an alert',
  );
  return how === 'repeated' ? 'repeat' : 'change';
};

const voteEffect: Effect = async (accepted) => {
  const decision = await readWithStatus<{
    readonly votes: readonly { readonly by: string; readonly decision: string }[];
    readonly state: string;
  }>(accepted, `/api/v1/alert-decisions/${pathParameters(accepted)['id'] ?? ''}`);
  const { answer } = sentBody(accepted) as AnswerRequest;
  check(
    decision.votes.some((vote) => vote.by === objectIdOf(accepted.drawnCase.who) && vote.decision === answer),
    'The vote was not kept.',
    decision,
  );
  return accepted.changed.length > 0 ? 'change' : 'repeat';
};

export const ALERT_EFFECTS: Readonly<Record<string, Effect>> = {
  'POST /api/v1/alerts/azure-monitor': alertEffect,
  'POST /api/v1/alerts/generic': alertEffect,
  'POST /api/v1/alert-decisions/{id}/answers': voteEffect,
};
