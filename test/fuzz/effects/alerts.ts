// Alerts that were let in, and what persons say to what a rule asks.
import type { AlertDocument, DecisionDocument } from '../../../shared/alerts/documents.ts';
import { objectIdOf } from '../names.ts';
import { must, mustBeSame, partsOf, read, type Accepted, type Effect } from './effect.ts';

/** It is kept, once; and each rule that is switched on has decided about it. */
const taken: Effect = ({ stage, answer, before }: Accepted) => {
  const { alert, how } = answer.body as { readonly alert: string; readonly how: string };
  const kept = stage.books.documents<AlertDocument>('alert').filter(({ subject }) => subject === alert);
  mustBeSame(kept.length, 1, 'How often the alert is kept');
  const decided = stage.books.documents<DecisionDocument>('decision').filter((one) => one.alert.id === alert);
  const missing = before.rules.filter(
    ({ rule, id }) =>
      rule.enabled &&
      how === 'new' &&
      kept[0]?.alert.resolvedAt === null &&
      !decided.some((one) => `alertRule:${one.rule.name}` === id),
  );
  mustBeSame(
    missing.map(({ id }) => id),
    [],
    'Rules that have not decided',
  );
  mustBeSame(
    new Set(decided.map(({ rule }) => rule.name)).size,
    decided.length,
    'A rule decides once about an alert',
  );
  return how === 'repeated' ? 'repeat' : 'change';
};

const voted =
  (decided: string): Effect =>
  async (accepted) => {
    const decision = await read<{
      readonly votes: readonly { readonly by: string; readonly decision: string }[];
      readonly state: string;
    }>(accepted, `/api/v1/alert-decisions/${partsOf(accepted)['id'] ?? ''}`);
    must(
      decision.votes.some((vote) => vote.by === objectIdOf(accepted.drawn.who) && vote.decision === decided),
      'The vote was not kept.',
      decision,
    );
    return accepted.changed.length > 0 ? 'change' : 'repeat';
  };

export const ALERTS: Readonly<Record<string, Effect>> = {
  'POST /api/v1/alerts/azure-monitor': taken,
  'POST /api/v1/alerts/generic': taken,
  'POST /api/v1/alert-decisions/{id}/approve': voted('approved'),
  'POST /api/v1/alert-decisions/{id}/refuse': voted('refused'),
};
