// The SDK calls that every scenario sends alike, and the address of an item in them.
import type {
  ReplicationProtectedItems,
  SiteRecoveryManagementClient,
} from '@azure/arm-recoveryservices-siterecovery';
import { itemAddressOf } from '../core/armId.ts';
import type { PhaseOperation } from '../core/operations.ts';
import type { ItemWrite, VaultName } from './driver.ts';

type Address = [vault: string, resourceGroup: string, fabric: string, container: string, item: string];

/** The items of a vault, and the address of one item as the SDK takes it. */
export function itemIn(
  client: SiteRecoveryManagementClient,
  { vault, resourceGroup }: VaultName,
  armId: string,
): { readonly items: ReplicationProtectedItems; readonly address: Address } {
  const { fabric, container, name } = itemAddressOf(armId);
  return {
    items: client.replicationProtectedItems,
    address: [vault, resourceGroup, fabric, container, name],
  };
}

/** The writes that have no input of their own scenario. */
export const plainWrites = {
  disableReplication(client, at, { item }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    return items.beginDelete(...address, { properties: {} }, options);
  },
  cleanUpTestFailover(client, at, { item, notes }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    return items.beginTestFailoverCleanup(...address, { properties: { comments: notes } }, options);
  },
  commit(client, at, { item }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    return items.beginFailoverCommit(...address, options);
  },
} satisfies { readonly [Name in PhaseOperation]?: ItemWrite<Name> };

/** The write of scenarios that can cancel a failover. */
export const cancelWrites = {
  cancelFailover(client, at, { item }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    return items.beginFailoverCancel(...address, options);
  },
} satisfies { readonly [Name in PhaseOperation]?: ItemWrite<Name> };
