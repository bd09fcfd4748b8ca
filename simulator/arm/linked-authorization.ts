// The rights that a caller of Site Recovery needs on the resources that a request names, besides
// the right to the request.
// It follows Microsoft's document on permissions to enable replication. The document names no
// scopes, and no recording shows a check:
// which right belongs to which kind of resource, and that all writes are checked alike, is inferred.

import type { SimulatorResponse, Exchange } from '../wire/exchange.ts';
import { decodeSafely } from '../wire/route-matching.ts';
import { roleActionOf, resourceTypeOfId } from './role-actions.ts';
import { armError } from './responses.ts';

export interface Caller {
  readonly principal: string;
  /** The actions of its role, as Azure writes them; a caller without such a list may do everything. */
  readonly actions?: readonly string[];
}

const actionsOn = (type: string, ...verbs: readonly string[]): string[] =>
  verbs.map((verb) => `${type}/${verb}`);

/** By the type of the resource. A type that is not here is not asked about. */
const REQUIRED_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'Microsoft.Resources/subscriptions/resourceGroups': [
    'Microsoft.Resources/subscriptions/resourceGroups/read',
    'Microsoft.Resources/deployments/write',
    ...actionsOn('Microsoft.Compute/virtualMachines', 'read', 'write', 'delete'),
    ...actionsOn('Microsoft.Network/networkInterfaces', 'read', 'write', 'delete', 'join/action'),
  ],
  'Microsoft.Compute/virtualMachines': actionsOn('Microsoft.Compute/virtualMachines', 'read', 'write'),
  'Microsoft.Compute/availabilitySets': actionsOn('Microsoft.Compute/availabilitySets', 'read'),
  'Microsoft.Network/networkInterfaces': actionsOn(
    'Microsoft.Network/networkInterfaces',
    'read',
    'join/action',
  ),
  'Microsoft.Network/virtualNetworks': actionsOn(
    'Microsoft.Network/virtualNetworks',
    'read',
    'subnets/read',
    'subnets/join/action',
  ),
  'Microsoft.Storage/storageAccounts': actionsOn(
    'Microsoft.Storage/storageAccounts',
    'read',
    'listKeys/action',
  ),
  'Microsoft.ClassicCompute/domainNames': actionsOn(
    'Microsoft.ClassicCompute/domainNames',
    'read',
    'write',
    'delete',
  ),
  'Microsoft.ClassicCompute/virtualMachines': actionsOn(
    'Microsoft.ClassicCompute/virtualMachines',
    'read',
    'write',
    'delete',
  ),
  'Microsoft.ClassicNetwork/virtualNetworks': actionsOn(
    'Microsoft.ClassicNetwork/virtualNetworks',
    'read',
    'join/action',
  ),
  'Microsoft.ClassicStorage/storageAccounts': actionsOn(
    'Microsoft.ClassicStorage/storageAccounts',
    'read',
    'listKeys/action',
  ),
};
/** Names in ids come in any case. */
const REQUIRED_ACTIONS_BY_TYPE = new Map(
  Object.entries(REQUIRED_ACTIONS).map(([type, actions]) => [type.toLowerCase(), actions]),
);

/** All that is ever asked for. */
export const LINKED_ACTIONS: readonly string[] = [...new Set(Object.values(REQUIRED_ACTIONS).flat())].sort();

const RESOURCE_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+(?:\/providers\/[^/]+(?:\/[^/]+\/[^/]+)+)?$/i;

function idsIn(value: unknown): string[] {
  if (typeof value === 'string') return RESOURCE_ID.test(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(idsIn) : [];
}

function isCovered(action: string, actions: readonly string[]): boolean {
  const wanted = action.toLowerCase();
  return actions.some((one) => {
    const [before = '', after] = one.toLowerCase().split('*', 2);
    return after === undefined ? before === wanted : wanted.startsWith(before) && wanted.endsWith(after);
  });
}

/** A refusal names the first resource that the caller's role does not cover. */
export function linkedAuthorizationError(
  { principal, actions }: Caller,
  exchange: Exchange,
): SimulatorResponse | undefined {
  if (actions === undefined || exchange.method === 'GET') return undefined;
  for (const id of idsIn(exchange.json())) {
    const missing = (REQUIRED_ACTIONS_BY_TYPE.get(resourceTypeOfId(id).toLowerCase()) ?? []).filter(
      (action) => !isCovered(action, actions),
    );
    if (missing.length > 0) return authorizationFailed(principal, exchange, id, missing);
  }
  return undefined;
}

function authorizationFailed(
  principal: string,
  exchange: Exchange,
  id: string,
  missing: readonly string[],
): SimulatorResponse {
  const scope = decodeSafely(exchange.path.split('?')[0] ?? '');
  const message =
    `The client with object id '${principal}' has permission to perform action ` +
    `'${roleActionOf(exchange)}' on scope '${scope}'; however, ` +
    `it does not have permission to perform action(s) '${missing.join(',')}' on the linked ` +
    `scope(s) '${id}' (respectively) or the linked scope(s) are invalid.`;
  return armError(403, 'LinkedAuthorizationFailed', message);
}
