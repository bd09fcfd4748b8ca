// The roles that each route and each operation needs. By default nobody has access.
import { rejected } from '../core/errors.ts';
import { Role } from '../core/role.ts';
import type { Operation } from '../core/operations.ts';

const ALL_CALLERS = [Role.owner, Role.contributor, Role.operator, Role.reader, Role.approver] as const;
/** The roles that may move VMs in a disaster. */
const OPERATOR_ROLES = [Role.owner, Role.contributor, Role.operator] as const;
const MANAGER_ROLES = [Role.owner, Role.contributor] as const;

/** The roles that each route accepts. */
export const ROUTE_ROLES = {
  // OPERATION_ROLES adds a check of the command's operation.
  'POST /api/v1/jobs': OPERATOR_ROLES,
  'GET /api/v1/jobs': ALL_CALLERS,
  'GET /api/v1/jobs/{id}': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/measures': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/map': ALL_CALLERS,
  'GET /api/v1/schemas/resource-map': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/report': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/steps': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/log': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/deliveries': ALL_CALLERS,
  'GET /api/v1/jobs/{id}/events': ALL_CALLERS,
  // The roles that may start a job may also control it. A take-over replaces the job's
  // orchestration, so it needs a manager role.
  'POST /api/v1/jobs/{id}/pause': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/resume': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/cancel': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/skip': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/retry': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/source-lost': OPERATOR_ROLES,
  'POST /api/v1/jobs/{id}/take-over': MANAGER_ROLES,
  // Of the operators, only the approvers that the plan names may approve. An approver may do
  // nothing else.
  'POST /api/v1/jobs/{id}/answers': [...OPERATOR_ROLES, Role.approver],
  // Lists only questions that the caller may answer.
  'GET /api/v1/inbox': ALL_CALLERS,
  'POST /api/v1/jobs/{id}/undelivered/{undeliveredId}/resume': OPERATOR_ROLES,
  // Also covers events outside jobs, such as alarms.
  'GET /api/v1/undelivered': ALL_CALLERS,
  'POST /api/v1/undelivered/{stream}/{undeliveredId}/resume': OPERATOR_ROLES,
  'GET /api/v1/replications': ALL_CALLERS,
  'GET /api/v1/replications/{id}': ALL_CALLERS,
  'GET /api/v1/vaults': ALL_CALLERS,
  'GET /api/v1/vaults/{vaultId}': ALL_CALLERS,
  'DELETE /api/v1/vaults/{vaultId}': [Role.owner],
  'GET /api/v1/vaults/{vaultId}/plans': ALL_CALLERS,
  // A key lets a server into the vault, so the roles that may register infrastructure make it.
  'POST /api/v1/vaults/{vaultId}/registration-keys': MANAGER_ROLES,
  'GET /api/v1/plans': ALL_CALLERS,
  'GET /api/v1/plans/{planId}': ALL_CALLERS,
  'PUT /api/v1/plans/{planId}': MANAGER_ROLES,
  'DELETE /api/v1/plans/{planId}': MANAGER_ROLES,
  'POST /api/v1/plan-lint': ALL_CALLERS,
  'GET /api/v1/alarms': ALL_CALLERS,
  'GET /api/v1/alarms/{id}': ALL_CALLERS,
  // A schedule acts for the person that saved it. A role that may start a drill may also schedule
  // one.
  'GET /api/v1/plans/{planId}/schedules': ALL_CALLERS,
  'GET /api/v1/plans/{planId}/schedules/{id}': ALL_CALLERS,
  'PUT /api/v1/plans/{planId}/schedules/{id}': OPERATOR_ROLES,
  'DELETE /api/v1/plans/{planId}/schedules/{id}': OPERATOR_ROLES,
  'GET /api/v1/plans/{planId}/schedules/{id}/occurrences': ALL_CALLERS,
  // Only manager roles decide the destinations of events.
  'GET /api/v1/callbacks': ALL_CALLERS,
  'GET /api/v1/callbacks/{id}': ALL_CALLERS,
  'PUT /api/v1/callbacks/{id}': MANAGER_ROLES,
  'DELETE /api/v1/callbacks/{id}': MANAGER_ROLES,
  'POST /api/v1/callbacks/{id}/test': MANAGER_ROLES,
  // An alert rule acts for the person that saves it. OPERATION_ROLES limits the operations of the
  // rule.
  'GET /api/v1/alert-rules': ALL_CALLERS,
  'GET /api/v1/alert-rules/{id}': ALL_CALLERS,
  'PUT /api/v1/alert-rules/{id}': OPERATOR_ROLES,
  'DELETE /api/v1/alert-rules/{id}': OPERATOR_ROLES,
  'GET /api/v1/alert-rules/{id}/decisions': ALL_CALLERS,
  'GET /api/v1/alert-decisions/{id}': ALL_CALLERS,
  'POST /api/v1/alert-decisions/{id}/answers': [Role.approver],
  'POST /api/v1/alerts/azure-monitor': [Role.alerts],
  'GET /api/v1/sources/vms': ALL_CALLERS,
  'GET /api/v1/sources/sites': ALL_CALLERS,
  'GET /api/v1/options': ALL_CALLERS,
  'GET /api/v1/firewall': ALL_CALLERS,
  // These routes read much and change nothing.
  'POST /api/v1/previews': ALL_CALLERS,
  'POST /api/v1/change-previews': ALL_CALLERS,
  'POST /api/v1/plans/{planId}/preview': ALL_CALLERS,
  'GET /api/v1/plans/{planId}/runbook': ALL_CALLERS,
  'POST /api/v1/readiness': ALL_CALLERS,
  'POST /api/v1/network-rules': ALL_CALLERS,
  // A confirmed check counts as passed, so the roles that act on VMs confirm.
  'GET /api/v1/check-confirmations': ALL_CALLERS,
  'POST /api/v1/check-confirmations': OPERATOR_ROLES,
  'DELETE /api/v1/check-confirmations/{id}': OPERATOR_ROLES,
  'GET /api/v1/ready': ALL_CALLERS,
} as const satisfies Record<string, readonly Role[]>;
/** A route that needs a token. */
export type Route = keyof typeof ROUTE_ROLES;

/** The routes without a token. Their answers show no internal data, and they change nothing. */
export const OPEN_ROUTES = [
  'GET /api/v1/health',
  'GET /api/openapi.json',
  'GET /api/privacy',
  'GET /api/v1/privacy',
  'GET /api/problems',
  'GET /api/problems/{code}',
] as const;
/** The routes with a signature instead of a token. Such a call acts only through an alert rule. */
export const SIGNED_ROUTES = ['POST /api/v1/alerts/generic'] as const;
/** A route that needs no token. */
export type RouteWithoutToken = (typeof OPEN_ROUTES | typeof SIGNED_ROUTES)[number];

/** The roles that may start each operation. */
export const OPERATION_ROLES: Record<Operation, readonly Role[]> = {
  prepareVault: MANAGER_ROLES,
  enableReplication: MANAGER_ROLES,
  updateReplication: MANAGER_ROLES,
  disableReplication: MANAGER_ROLES,
  testFailover: OPERATOR_ROLES,
  cleanUpTestFailover: OPERATOR_ROLES,
  failover: OPERATOR_ROLES,
  changeRecoveryPoint: OPERATOR_ROLES,
  cancelFailover: OPERATOR_ROLES,
  commit: OPERATOR_ROLES,
  reprotect: OPERATOR_ROLES,
  failback: OPERATOR_ROLES,
};

/**
 * True for a role that may create vaults. The permission to prepare an existing vault is not
 * enough.
 */
export const mayCreateVaults = (roles: readonly string[]): boolean => roles.includes(Role.owner);

const orList = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;

/** The refusal of a caller without a role that the request needs. */
export const roleMissing = (
  request: string,
  allowed: readonly Role[],
  { name, roles }: { readonly name: string; readonly roles: readonly string[] },
  consequence: string,
) =>
  rejected(
    403,
    'RoleMissing',
    `${request} needs the role ${orList(allowed)}. ` +
      `${name} has ${roles.length === 0 ? 'no role here' : `the role ${roles.join(', ')}`}${consequence}`,
  );
