// What a caller sees of alert rules and of what they decided.
import type { AlertRuleDocument, DecisionDocument } from '../alerts/documents.ts';
import { documentNameOf } from '../store/namedDocuments.ts';
import { jobPath } from './views.ts';

export const alertRulePath = (name: string): string => `/api/v1/alert-rules/${name}`;

export const alertRuleView = (document: AlertRuleDocument) => ({
  id: documentNameOf(document),
  version: document.version,
  rule: document.rule,
  /** In whose name it acts, and until when: saved again before that, it goes on. */
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

export const decisionPath = (id: string): string => `/api/v1/alert-decisions/${id}`;

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
  /** Alerts among those counted that were over while it waited. */
  cleared: decision.cleared,
  job: decision.jobId,
  error: decision.error,
  links: {
    self: decisionPath(decision.id),
    ...(decision.jobId === null ? {} : { job: jobPath(decision.jobId) }),
  },
});
