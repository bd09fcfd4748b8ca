// Describes the alert routes: rules, decisions and the webhooks that receive alerts.
import { CommonAlert, GenericAlert } from '../../alerts/rules/alert.ts';
import { AlertRule } from '../../alerts/rules/rule.ts';
import { AnswerRequest } from '../../delivery/answerRequest.ts';
import {
  AlertRules,
  AlertReceipt,
  AlertDecision,
  AlertDecisions,
  SavedAlertRule,
} from '../responses/alert.ts';
import { DecisionsQuery } from '../queries.ts';
import type { RouteDescription } from './routeDescription.ts';
import { EXAMPLE_VM_ID } from './exampleValues.ts';

const UNKNOWN_RULE = '404 AlertRuleUnknown';
const VERSION_CONFLICTS = ['412 AlertRuleChanged', '412 AlertRuleUnknown', '428 IfMatchMissing'] as const;
const EXAMPLE_RULE = {
  when: { names: ['region-dark'], regions: ['eastasia'] },
  threshold: { alerts: 3, regions: 2, withinMinutes: 10 },
  approval: {},
  command: { operation: 'failover', vms: [EXAMPLE_VM_ID] },
} as const;

export const ALERT_ROUTES = {
  'GET /api/v1/alert-rules': {
    id: 'listAlertRules',
    area: 'alerts',
    summary: 'Lists the alert rules.',
    responses: { 200: { description: 'All rules.', schema: AlertRules } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/alert-rules/{id}': {
    id: 'readAlertRule',
    area: 'alerts',
    summary: 'Reads one alert rule.',
    responses: { 200: { description: 'The rule.', schema: SavedAlertRule, headers: ['etag'] } },
    problems: [UNKNOWN_RULE],
    examples: [{ name: 'An unknown rule', path: { id: 'none' }, status: 404 }],
  },
  'PUT /api/v1/alert-rules/{id}': {
    id: 'saveAlertRule',
    area: 'alerts',
    summary: 'Saves an alert rule. The rule acts in the name of the caller, for a limited time.',
    body: { schema: AlertRule },
    ifMatch: true,
    responses: {
      200: { description: 'The changed rule.', schema: SavedAlertRule, headers: ['etag', 'location'] },
      201: { description: 'The new rule.', schema: SavedAlertRule, headers: ['etag', 'location'] },
    },
    problems: ['422 VmUnknown', '422 PlanUnknown', ...VERSION_CONFLICTS],
    examples: [
      {
        name: 'Three alerts from two regions, with an approval by a person',
        path: { id: 'region-dark' },
        body: EXAMPLE_RULE,
        status: 201,
      },
      {
        name: 'A rule for every alert',
        path: { id: 'all' },
        body: { ...EXAMPLE_RULE, when: {} },
        status: 400,
      },
    ],
  },
  'DELETE /api/v1/alert-rules/{id}': {
    id: 'removeAlertRule',
    area: 'alerts',
    summary: 'Removes an alert rule; its decisions stay.',
    ifMatch: true,
    responses: { 204: { description: 'The rule no longer exists.' } },
    problems: [UNKNOWN_RULE, ...VERSION_CONFLICTS],
    examples: [{ name: 'An unknown rule', path: { id: 'none' }, status: 404 }],
  },
  'GET /api/v1/alert-rules/{id}/decisions': {
    id: 'listAlertDecisions',
    area: 'alerts',
    summary: 'Lists the decisions of a rule with their reasons, page by page.',
    query: DecisionsQuery,
    responses: { 200: { description: 'One page, the newest decision first.', schema: AlertDecisions } },
    problems: ['400 ContinuationInvalid', UNKNOWN_RULE],
    examples: [{ name: 'The decisions of one rule', path: { id: 'region-dark' }, status: 200 }],
  },
  'GET /api/v1/alert-decisions/{id}': {
    id: 'readAlertDecision',
    area: 'alerts',
    summary: 'Reads one decision.',
    responses: { 200: { description: 'The decision.', schema: AlertDecision } },
    problems: ['404 DecisionUnknown'],
    examples: [{ name: 'An unknown decision', path: { id: 'none' }, status: 404 }],
  },
  'POST /api/v1/alert-decisions/{id}/answers': {
    id: 'answerAlertDecision',
    area: 'alerts',
    summary: 'Approves or refuses the command that a rule asks for.',
    body: { schema: AnswerRequest },
    responses: { 200: { description: 'The decision after the answer.', schema: AlertDecision } },
    problems: [
      '404 DecisionUnknown',
      '409 NothingAsked',
      '409 DecisionSettled',
      '409 DecisionVoid',
      '409 DecisionContended',
      '422 AnswerNotPossible',
      '403 OwnRequest',
      '403 NotAsked',
      '409 BeforeItWasAsked',
      '409 ApprovalExpired',
    ],
    examples: [
      {
        name: 'An unknown decision',
        path: { id: 'none' },
        body: { question: 'approval:2026-01-05T08:00:00.000Z', answer: 'approved' },
        status: 404,
      },
    ],
  },
  'POST /api/v1/alerts/azure-monitor': {
    id: 'receiveAzureMonitorAlert',
    area: 'alerts',
    summary: 'Receives an alert in the common schema of Azure Monitor, by a secure webhook.',
    body: { schema: CommonAlert },
    responses: {
      202: { description: 'Lifeboat accepts the alert; a repeat does nothing.', schema: AlertReceipt },
    },
    problems: ['422 AlertOverBeforeItFired'],
    examples: [{ name: 'An alert with another schema', body: { schemaId: 'other' }, status: 400 }],
  },
  'POST /api/v1/alerts/generic': {
    id: 'receiveGenericAlert',
    area: 'alerts',
    summary: 'Receives an alert from a sender with a key: signed, with a timestamp and a nonce.',
    body: { schema: GenericAlert },
    responses: {
      202: { description: 'Lifeboat accepts the alert; a repeat does nothing.', schema: AlertReceipt },
    },
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
} as const satisfies Readonly<Record<string, RouteDescription>>;
