// Checks a caller's rights on the resources in the body of a Site Recovery request. The right to
// the request itself is another check. The checks follow Microsoft's document on permissions to
// enable replication. The document names no scopes, and no recording shows a check. So two points
// are assumptions: the rights for each kind of resource, and the same checks for all writes.

import type { SimulatorResponse, Exchange } from '../wire/exchange.ts';
import { decodeSafely } from '../wire/route-matching.ts';
import { roleActionOf, resourceTypeOfId } from './role-actions.ts';
import { armError } from './responses.ts';

/** The caller of a request. */
export interface Caller {
  readonly principal: string;
  /**
   * The actions of the caller's role in Azure's notation. A caller without a list may do
   * everything.
   */
  readonly actions?: readonly string[];
}

const actionsOn = (type: string, ...verbs: readonly string[]): string[] =>
  verbs.map((verb) => `${type}/${verb}`);

/** The required actions by resource type. Other types need no action. */
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
/** Ids contain type names in any case. */
const REQUIRED_ACTIONS_BY_TYPE = new Map(
  Object.entries(REQUIRED_ACTIONS).map(([type, actions]) => [type.toLowerCase(), actions]),
);

/** All actions that the checks can require. */
export const LINKED_ACTIONS: readonly string[] = [...new Set(Object.values(REQUIRED_ACTIONS).flat())].sort();

const RESOURCE_ID =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+(?:\/providers\/[^/]+(?:\/[^/]+\/[^/]+)+)?$/i;

function idsIn(value: unknown): string[] {
  if (typeof value === 'string') return RESOURCE_ID.test(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(idsIn) : [];
}

function isCovered(action: string, actions: readonly string[]): boolean {
  const lowerAction = action.toLowerCase();
  return actions.some((pattern) => {
    const [before = '', after] = pattern.toLowerCase().split('*', 2);
    return after === undefined
      ? before === lowerAction
      : lowerAction.startsWith(before) && lowerAction.endsWith(after);
  });
}

/** Returns a refusal that names the first resource outside the caller's role. */
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
