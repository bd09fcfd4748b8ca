// Items in Site Recovery's wire form, as the real SDK reads them.
import { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import type { ReplicationProtectedItem } from '@azure/arm-recoveryservices-siterecovery';
import type { Direction } from '../../../../shared/core/operations.ts';
import type { VmState } from '../../../../shared/scenarios/lifecycle.ts';

export interface RecordedItem {
  readonly title: string;
  readonly state: VmState;
  readonly direction: Direction;
  /** Whether the item differs from another life of its VM. */
  readonly isKnown: boolean;
  /** False: items of this form show no data loss. */
  readonly hasRpo?: boolean;
  readonly wire: WireItem;
}

export interface WireItem {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The shape that the product reads, with its dates and names. */
export async function readThroughSdk(wire: WireItem): Promise<ReplicationProtectedItem> {
  const credential = { getToken: () => Promise.resolve({ token: 'none', expiresOnTimestamp: Infinity }) };
  const client = new SiteRecoveryManagementClient(credential, 'subscription', {
    httpClient: {
      sendRequest: (request) =>
        Promise.resolve({ request, status: 200, headers: request.headers, bodyAsText: JSON.stringify(wire) }),
    },
  });
  return client.replicationProtectedItems.get('vault', 'group', 'fabric', 'container', wire.name);
}

export const makeWireItem = (
  container: string,
  name: string,
  properties: Readonly<Record<string, unknown>>,
): WireItem => ({
  id: `${container}/replicationProtectedItems/${name}`,
  name,
  type: 'Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems',
  properties,
});

export const VAULT =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vaults/providers/Microsoft.RecoveryServices/vaults/dr';
