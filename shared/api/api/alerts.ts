// Routes of alerts: the rules about them, what those did, and the webhooks by which alerts come.
import { CommonAlert, GenericAlert } from '../../alerts/rules/alert.ts';
import { AlertRule } from '../../alerts/rules/rule.ts';
import { MaybeWhy } from '../../jobs/control.ts';
import { AlertRules, AlertTaken, Decision, Decisions, SavedAlertRule } from '../answers/alert.ts';
import { DecisionsQuery } from '../queries.ts';
import type { Described } from './described.ts';
import { VM } from './examples.ts';

const unknown = '404 AlertRuleUnknown';
const changed = ['412 AlertRuleChanged', '412 AlertRuleUnknown', '428 IfMatchMissing'] as const;
const voted = (id: string, summary: string): Described => ({
  id,
  area: 'alerts',
  summary,
  body: { schema: MaybeWhy, mayBeLeftOut: true },
  answers: { 200: { what: 'The decision as it is then.', schema: Decision } },
  problems: [
    '404 DecisionUnknown',
    '409 DecisionSettled',
    '409 DecisionVoid',
    '409 DecisionContended',
    '403 OwnRequest',
    '403 NotAsked',
    '403 BeforeItWasAsked',
    '409 OtherSubject',
    '409 ApprovalExpired',
    '403 OtherSubject',
    '403 ApprovalExpired',
  ],
  examples: [{ name: 'One that is not there', path: { id: 'none' }, status: 404 }],
});
const RULE = {
  when: { names: ['region-dark'], regions: ['eastasia'] },
  threshold: { alerts: 3, regions: 2, withinMinutes: 10 },
  approval: {},
  command: { operation: 'failover', vms: [VM] },
} as const;

export const ALERTS = {
  'GET /api/v1/alert-rules': {
    id: 'listAlertRules',
    area: 'alerts',
    summary: 'Which alert starts what.',
    answers: { 200: { what: 'All rules.', schema: AlertRules } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/alert-rules/{id}': {
    id: 'readAlertRule',
    area: 'alerts',
    summary: 'One of the rules.',
    answers: { 200: { what: 'The rule.', schema: SavedAlertRule, headers: ['etag'] } },
    problems: [unknown],
    examples: [{ name: 'One that is not there', path: { id: 'none' }, status: 404 }],
  },
  'PUT /api/v1/alert-rules/{id}': {
    id: 'saveAlertRule',
    area: 'alerts',
    summary: 'Saves a rule. It acts in the name of who saved it last, for a time.',
    body: { schema: AlertRule },
    ifMatch: true,
    answers: {
      200: { what: 'The rule changed.', schema: SavedAlertRule, headers: ['etag', 'location'] },
      201: { what: 'The rule, new.', schema: SavedAlertRule, headers: ['etag', 'location'] },
    },
    problems: ['422 VmUnknown', '422 PlanUnknown', ...changed],
    examples: [
      {
        name: 'Three alerts from two regions, and a person says yes',
        path: { id: 'region-dark' },
        body: RULE,
        status: 201,
      },
      {
        name: 'A rule for every alert there is',
        path: { id: 'all' },
        body: { ...RULE, when: {} },
        status: 400,
      },
    ],
  },
  'DELETE /api/v1/alert-rules/{id}': {
    id: 'removeAlertRule',
    area: 'alerts',
    summary: 'Takes a rule away; what it has decided stays.',
    ifMatch: true,
    answers: { 204: { what: 'It is gone.' } },
    problems: [unknown, ...changed],
    examples: [{ name: 'One that is not there', path: { id: 'none' }, status: 404 }],
  },
  'GET /api/v1/alert-rules/{id}/decisions': {
    id: 'listAlertDecisions',
    area: 'alerts',
    summary: 'What a rule did about each alert, and why, page by page.',
    query: DecisionsQuery,
    answers: { 200: { what: 'A page of it, the newest first.', schema: Decisions } },
    problems: ['400 ContinuationInvalid', unknown],
    examples: [{ name: 'Of a rule', path: { id: 'region-dark' }, status: 200 }],
  },
  'GET /api/v1/alert-decisions/{id}': {
    id: 'readAlertDecision',
    area: 'alerts',
    summary: 'One such decision.',
    answers: { 200: { what: 'The decision.', schema: Decision } },
    problems: ['404 DecisionUnknown'],
    examples: [{ name: 'One that is not there', path: { id: 'none' }, status: 404 }],
  },
  'POST /api/v1/alert-decisions/{id}/approve': voted(
    'approveAlertDecision',
    'Says yes to what a rule has asked.',
  ),
  'POST /api/v1/alert-decisions/{id}/refuse': voted(
    'refuseAlertDecision',
    'Says no to what a rule has asked.',
  ),
  'POST /api/v1/alerts/azure-monitor': {
    id: 'receiveAzureMonitorAlert',
    area: 'alerts',
    summary: "An alert in Azure Monitor's common schema, by a secure webhook.",
    body: { schema: CommonAlert },
    answers: { 202: { what: 'It is taken; a repeat does nothing.', schema: AlertTaken } },
    problems: ['422 AlertOverBeforeItFired'],
    examples: [{ name: 'No alert of that schema', body: { schemaId: 'other' }, status: 400 }],
  },
  'POST /api/v1/alerts/generic': {
    id: 'receiveGenericAlert',
    area: 'alerts',
    summary: 'An alert of anybody who has a key: signed, with a moment and a nonce.',
    body: { schema: GenericAlert },
    answers: { 202: { what: 'It is taken; a repeat does nothing.', schema: AlertTaken } },
    problems: [
      '400 Invalid',
      '401 SignatureMissing',
      '401 SignatureExpired',
      '401 SignatureRefused',
      '409 NonceUsed',
      '422 AlertOverBeforeItFired',
      '429 TooManyRequests',
    ],
    examples: [
      {
        name: 'Without a signature',
        body: {
          id: 'a-1',
          condition: 'fired',
          name: 'region-dark',
          severity: 0,
          firedAt: '2026-01-05T08:00:00Z',
        },
        status: 401,
      },
    ],
  },
} as const satisfies Readonly<Record<string, Described>>;
