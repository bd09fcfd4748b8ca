// Who may do what, as data. Nobody has a right by default.
import { Role } from '../core/role.ts';
import type { Operation } from '../core/words.ts';

const EVERYBODY = [Role.owner, Role.contributor, Role.operator, Role.reader, Role.approver] as const;
/** Whoever may bring VMs over and back on the worst day. */
const OPERATING = [Role.owner, Role.contributor, Role.operator] as const;
const MANAGING = [Role.owner, Role.contributor] as const;

export const ROUTES = {
  // Which operations among them stands in OPERATIONS.
  'POST /api/v1/jobs': OPERATING,
  'GET /api/v1/jobs': EVERYBODY,
  'GET /api/v1/jobs/{id}': EVERYBODY,
  'GET /api/v1/jobs/{id}/measures': EVERYBODY,
  'GET /api/v1/jobs/{id}/map': EVERYBODY,
  'GET /api/v1/schemas/resource-map': EVERYBODY,
  'GET /api/v1/jobs/{id}/report': EVERYBODY,
  'GET /api/v1/jobs/{id}/steps': EVERYBODY,
  'GET /api/v1/jobs/{id}/log': EVERYBODY,
  'GET /api/v1/jobs/{id}/deliveries': EVERYBODY,
  'GET /api/v1/jobs/{id}/events': EVERYBODY,
  // Whoever may begin a job's operation may steer it; to take it from its walk is for those who
  // answer for the whole.
  'POST /api/v1/jobs/{id}/pause': OPERATING,
  'POST /api/v1/jobs/{id}/resume': OPERATING,
  'POST /api/v1/jobs/{id}/cancel': OPERATING,
  'POST /api/v1/jobs/{id}/skip': OPERATING,
  'POST /api/v1/jobs/{id}/retry': OPERATING,
  'POST /api/v1/jobs/{id}/source-lost': OPERATING,
  'POST /api/v1/jobs/{id}/take-over': MANAGING,
  'POST /api/v1/jobs/{id}/answers': OPERATING,
  // Of those who operate, only whom the plan names.
  'POST /api/v1/jobs/{id}/approvals': [...OPERATING, Role.approver],
  'POST /api/v1/jobs/{id}/undelivered/{undeliveredId}/resume': OPERATING,
  // Of other news than a job's own too.
  'GET /api/v1/undelivered': EVERYBODY,
  'POST /api/v1/undelivered/{stream}/{undeliveredId}/resume': OPERATING,
  'GET /api/v1/replications': EVERYBODY,
  'GET /api/v1/replications/{id}': EVERYBODY,
  'GET /api/v1/vaults': EVERYBODY,
  'GET /api/v1/vaults/{vaultId}': EVERYBODY,
  'GET /api/v1/vaults/{vaultId}/plans': EVERYBODY,
  'GET /api/v1/plans': EVERYBODY,
  'GET /api/v1/plans/{planId}': EVERYBODY,
  'PUT /api/v1/plans/{planId}': MANAGING,
  'POST /api/v1/plan-lint': EVERYBODY,
  'GET /api/v1/alarms': EVERYBODY,
  'GET /api/v1/alarms/{id}': EVERYBODY,
  // A schedule acts in the name of who saved it: whoever may drill by hand may do so by the calendar.
  'GET /api/v1/plans/{planId}/schedules': EVERYBODY,
  'GET /api/v1/plans/{planId}/schedules/{id}': EVERYBODY,
  'PUT /api/v1/plans/{planId}/schedules/{id}': OPERATING,
  'DELETE /api/v1/plans/{planId}/schedules/{id}': OPERATING,
  'GET /api/v1/plans/{planId}/schedules/{id}/occurrences': EVERYBODY,
  // Where news go to is for those who answer for the whole.
  'GET /api/v1/callbacks': EVERYBODY,
  'GET /api/v1/callbacks/{id}': EVERYBODY,
  'PUT /api/v1/callbacks/{id}': MANAGING,
  'DELETE /api/v1/callbacks/{id}': MANAGING,
  'POST /api/v1/callbacks/{id}/test': MANAGING,
  // An alert rule acts in the name of who saves it; which operations they may give it stands in OPERATIONS.
  'GET /api/v1/alert-rules': EVERYBODY,
  'GET /api/v1/alert-rules/{id}': EVERYBODY,
  'PUT /api/v1/alert-rules/{id}': OPERATING,
  'DELETE /api/v1/alert-rules/{id}': OPERATING,
  'GET /api/v1/alert-rules/{id}/decisions': EVERYBODY,
  'GET /api/v1/alert-decisions/{id}': EVERYBODY,
  'POST /api/v1/alert-decisions/{id}/approve': [Role.approver],
  'POST /api/v1/alert-decisions/{id}/refuse': [Role.approver],
  'POST /api/v1/alerts/azure-monitor': [Role.alerts],
  'GET /api/v1/sources/vms': EVERYBODY,
  'GET /api/v1/options': EVERYBODY,
  'GET /api/v1/firewall': EVERYBODY,
  // These ask much and change nothing.
  'POST /api/v1/previews': EVERYBODY,
  'POST /api/v1/plans/{planId}/preview': EVERYBODY,
  'GET /api/v1/plans/{planId}/runbook': EVERYBODY,
  'POST /api/v1/readiness': EVERYBODY,
  'POST /api/v1/network-rules': EVERYBODY,
  'GET /api/v1/ready': EVERYBODY,
} as const satisfies Record<string, readonly Role[]>;
export type Route = keyof typeof ROUTES;

/** What anybody may ask, without a token: none of it tells of the inside, and none of it changes anything. */
export const OPEN_ROUTES = [
  'GET /api/v1/health',
  'GET /api/openapi.json',
  'GET /api/privacy',
  'GET /api/v1/privacy',
  'GET /api/problems',
  'GET /api/problems/{code}',
] as const;
/** Without a token too, but signed by a key; what is told there acts only through an alert rule. */
export const SIGNED_ROUTES = ['POST /api/v1/alerts/generic'] as const;
export type OpenRoute = (typeof OPEN_ROUTES | typeof SIGNED_ROUTES)[number];

export const OPERATIONS: Record<Operation, readonly Role[]> = {
  prepareVault: MANAGING,
  enableReplication: MANAGING,
  updateReplication: MANAGING,
  disableReplication: MANAGING,
  testFailover: OPERATING,
  cleanUpTestFailover: OPERATING,
  failover: OPERATING,
  changeRecoveryPoint: OPERATING,
  cancelFailover: OPERATING,
  commit: OPERATING,
  reprotect: OPERATING,
  failback: OPERATING,
};

/** Whoever may prepare a vault that is there need not be one who may make vaults. */
export const mayCreateVaults = (roles: readonly string[]): boolean => roles.includes(Role.owner);
