// The public form of alert rules and of decisions. The alert routes call this module.
import type { AlertRuleDocument, DecisionDocument } from '../alerts/documents.ts';
import { openQuestionsOfDecision } from '../alerts/questions.ts';
import { documentNameOf } from '../store/namedDocuments.ts';
import { jobPath } from './views.ts';

/** The path of an alert rule in the API. */
export const alertRulePath = (name: string): string => `/api/v1/alert-rules/${name}`;

/** The public form of an alert rule. */
export const alertRuleView = (document: AlertRuleDocument) => ({
  id: documentNameOf(document),
  version: document.version,
  rule: document.rule,
  /**
   * The rule acts in the name of this person until this time. Saving the rule again extends the
   * time.
   */
  grant: {
    by: { id: document.grant.by.id, name: document.grant.by.name },
    roles: document.grant.by.roles,
    givenAt: document.grant.givenAt,
    until: document.grant.until,
  },
  links: {
    self: alertRulePath(documentNameOf(document)),
    decisions: `${alertRulePath(documentNameOf(document))}/decisions`,
  },
});

/** The path of a decision in the API. */
export const decisionPath = (id: string): string => `/api/v1/alert-decisions/${id}`;

/** The public form of a decision. */
export const decisionView = (decision: DecisionDocument) => ({
  id: decision.id,
  rule: decision.rule,
  alert: decision.alert,
  at: decision.at,
  verdict: decision.verdict,
  reason: decision.why,
  counted: decision.counted,
  state: decision.state,
  outcome: decision.outcome,
  command: decision.command,
  planVersion: decision.planVersion === 0 ? null : decision.planVersion,
  actsFor: decision.grant && { id: decision.grant.by.id, name: decision.grant.by.name },
  approval: decision.approval && {
    people: decision.approval.people,
    from: decision.approval.from,
    askedAt: decision.approval.askedAt,
    expiresAt: decision.approval.expiresAt,
  },
  votes: decision.votes.map(({ by, name, at, decision: decided, reason }) => ({
    by,
    name,
    at,
    decision: decided,
    reason,
  })),
  /** The open question to people, with the requests that answer it. */
  questions: openQuestionsOfDecision(decision),
  /** Counted alerts that ended while the decision waited. */
  cleared: decision.cleared,
  job: decision.jobId,
  error: decision.error,
  links: {
    self: decisionPath(decision.id),
    ...(decision.jobId === null ? {} : { job: jobPath(decision.jobId) }),
  },
});
