// Maps each route to its handler. shared/access/roles.ts holds the roles, shared/api/routes the
// schemas. The compiler rejects a route without a handler, a role or a schema.
import { app, type HttpHandler, type HttpMethod } from '@azure/functions';
import type { RouteWithoutToken, Route } from '../../shared/access/roles.ts';
import { methodsOfRoute } from '../../shared/http/addresses.ts';
import { extraInputsOf, withDurableClient } from '../orchestrations.ts';
import { receiveAzureMonitorAlert, receiveGenericAlert } from '../webhooks/alerts.ts';
import { listAlarms, readAlarm } from './alarms.ts';
import * as alerts from './alerts.ts';
import * as callbacks from './callbacks.ts';
import * as deliveries from './deliveries.ts';
import * as enabling from './enabling.ts';
import * as control from './jobControl.ts';
import { listInbox } from './inbox.ts';
import * as jobs from './jobs.ts';
import * as plans from './plans.ts';
import { listProblems, readProblem } from './problems.ts';
import { listReplications, readReplication } from './replications.ts';
import { readJobMap, readResourceMapSchema } from './resourceMap.ts';
import * as schedules from './schedules.ts';
import { unsecured, secured, type Handler, type OpenHandler } from './secure.ts';
import * as service from './service.ts';
import { ALL_METHODS, answerUnknownAddress } from './unknownAddress.ts';
import { createRegistrationKey, listNativePlans, listVaults, readVault, removeVault } from './vaults.ts';

/** Routes with a token and a role. The name of the handler is the name of the function in Azure. */
export const HANDLERS: Readonly<Record<Route, Handler>> = {
  'POST /api/v1/jobs': withDurableClient(jobs.createJob),
  'GET /api/v1/jobs': jobs.listJobs,
  'GET /api/v1/jobs/{id}': jobs.readJob,
  'GET /api/v1/jobs/{id}/measures': jobs.readJobMeasures,
  'GET /api/v1/jobs/{id}/map': readJobMap,
  'GET /api/v1/schemas/resource-map': readResourceMapSchema,
  'GET /api/v1/jobs/{id}/report': jobs.readRunReport,
  'GET /api/v1/jobs/{id}/steps': jobs.listJobSteps,
  'GET /api/v1/jobs/{id}/log': jobs.readJobLog,
  'GET /api/v1/jobs/{id}/deliveries': deliveries.listJobDeliveries,
  'GET /api/v1/jobs/{id}/events': jobs.streamJobEvents,
  'POST /api/v1/jobs/{id}/pause': withDurableClient(control.pauseJob),
  'POST /api/v1/jobs/{id}/resume': withDurableClient(control.resumeJob),
  'POST /api/v1/jobs/{id}/cancel': withDurableClient(control.cancelJob),
  'POST /api/v1/jobs/{id}/skip': withDurableClient(control.skipStep),
  'POST /api/v1/jobs/{id}/retry': withDurableClient(control.retryJob),
  'POST /api/v1/jobs/{id}/source-lost': control.declareSourceLost,
  'POST /api/v1/jobs/{id}/take-over': withDurableClient(control.takeOverJob),
  'POST /api/v1/jobs/{id}/answers': withDurableClient(control.answerJob),
  'POST /api/v1/jobs/{id}/undelivered/{undeliveredId}/resume': deliveries.resumeJobDelivery,
  'GET /api/v1/inbox': listInbox,
  'GET /api/v1/undelivered': deliveries.listUndelivered,
  'POST /api/v1/undelivered/{stream}/{undeliveredId}/resume': deliveries.resumeDelivery,
  'GET /api/v1/replications': listReplications,
  'GET /api/v1/replications/{id}': readReplication,
  'GET /api/v1/vaults': listVaults,
  'GET /api/v1/vaults/{vaultId}': readVault,
  'DELETE /api/v1/vaults/{vaultId}': removeVault,
  'GET /api/v1/vaults/{vaultId}/plans': listNativePlans,
  'POST /api/v1/vaults/{vaultId}/registration-keys': createRegistrationKey,
  'GET /api/v1/plans': plans.listPlans,
  'GET /api/v1/plans/{planId}': plans.readPlan,
  'PUT /api/v1/plans/{planId}': plans.savePlan,
  'DELETE /api/v1/plans/{planId}': plans.removePlan,
  'POST /api/v1/plan-lint': plans.lintPlan,
  'POST /api/v1/plans/{planId}/preview': plans.previewPlan,
  'GET /api/v1/plans/{planId}/runbook': plans.readRunbook,
  'GET /api/v1/alarms': listAlarms,
  'GET /api/v1/alarms/{id}': readAlarm,
  'GET /api/v1/plans/{planId}/schedules': schedules.listSchedules,
  'GET /api/v1/plans/{planId}/schedules/{id}': schedules.readSchedule,
  'PUT /api/v1/plans/{planId}/schedules/{id}': schedules.saveSchedule,
  'DELETE /api/v1/plans/{planId}/schedules/{id}': schedules.removeSchedule,
  'GET /api/v1/plans/{planId}/schedules/{id}/occurrences': schedules.listOccurrences,
  'GET /api/v1/callbacks': callbacks.listCallbacks,
  'GET /api/v1/callbacks/{id}': callbacks.readCallback,
  'PUT /api/v1/callbacks/{id}': callbacks.saveCallback,
  'DELETE /api/v1/callbacks/{id}': callbacks.removeCallback,
  'POST /api/v1/callbacks/{id}/test': callbacks.tryCallback,
  'GET /api/v1/alert-rules': alerts.listAlertRules,
  'GET /api/v1/alert-rules/{id}': alerts.readAlertRule,
  'PUT /api/v1/alert-rules/{id}': alerts.saveAlertRule,
  'DELETE /api/v1/alert-rules/{id}': alerts.removeAlertRule,
  'GET /api/v1/alert-rules/{id}/decisions': alerts.listAlertDecisions,
  'GET /api/v1/alert-decisions/{id}': alerts.readAlertDecision,
  'POST /api/v1/alert-decisions/{id}/answers': withDurableClient(alerts.answerAlertDecision),
  'POST /api/v1/alerts/azure-monitor': withDurableClient(receiveAzureMonitorAlert),
  'GET /api/v1/sources/vms': enabling.listSourceVms,
  'GET /api/v1/sources/sites': enabling.listSites,
  'GET /api/v1/options': enabling.listOptions,
  'GET /api/v1/firewall': service.listFirewallEndpoints,
  'POST /api/v1/previews': enabling.previewEnabling,
  'POST /api/v1/change-previews': enabling.previewChange,
  'POST /api/v1/readiness': enabling.checkReadiness,
  'POST /api/v1/network-rules': enabling.proposeNetworkRules,
  'GET /api/v1/check-confirmations': enabling.listConfirmations,
  'POST /api/v1/check-confirmations': enabling.confirmCheck,
  'DELETE /api/v1/check-confirmations/{id}': enabling.withdrawConfirmation,
  'GET /api/v1/ready': withDurableClient(service.readServiceReadiness),
};

/** Routes without a token. */
export const OPEN_HANDLERS: Readonly<Record<RouteWithoutToken, OpenHandler>> = {
  'GET /api/v1/health': service.readHealth,
  'GET /api/openapi.json': service.readOpenApi,
  'GET /api/privacy': service.readPrivacyPage,
  'GET /api/v1/privacy': service.readPrivacy,
  'POST /api/v1/alerts/generic': withDurableClient(receiveGenericAlert),
  'GET /api/problems': listProblems,
  'GET /api/problems/{code}': readProblem,
};

const entriesOf = <Key extends string, Value>(table: Readonly<Record<Key, Value>>): [Key, Value][] =>
  Object.entries(table) as [Key, Value][];

/**
 * The host tries the functions in the order of their names, and the first route that matches wins.
 * So the function for all other requests has the last name.
 */
export const LAST_NAME = 'zUnknownAddress';

export function registerRoutes(): void {
  for (const [route, handler] of entriesOf(HANDLERS)) register(route, handler, secured(route, handler));
  for (const [route, handler] of entriesOf(OPEN_HANDLERS)) register(route, handler, unsecured(handler));
  app.http(LAST_NAME, {
    methods: [...ALL_METHODS],
    route: '{*address}',
    authLevel: 'anonymous',
    handler: unsecured(answerUnknownAddress),
  });
}

function register(
  route: Route | RouteWithoutToken,
  handler: Handler | OpenHandler,
  wrapped: HttpHandler,
): void {
  const [method = '', path = ''] = route.split(' ');
  app.http(handler.name, {
    methods: [...methodsOfRoute(method)] as HttpMethod[],
    route: path.replace(/^\/api\//, ''),
    authLevel: 'anonymous',
    extraInputs: extraInputsOf(handler),
    handler: wrapped,
  });
}
