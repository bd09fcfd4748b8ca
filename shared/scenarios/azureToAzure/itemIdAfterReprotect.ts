import type { ReplicatedItem } from '../../siterecovery/item.ts';

/** Returns the ARM id after a reprotect, which moves the item to the other container. */
export const itemIdAfterReprotect = (item: Pick<ReplicatedItem, 'recoveryContainerId' | 'name'>): string =>
  `${item.recoveryContainerId}/replicationProtectedItems/${item.name}`;
