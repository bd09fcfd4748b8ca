// Reads names and parent ids out of ARM ids. Azure varies the casing of ids, so compare ids without
// case (`sameId`).

/** Returns the name after a collection, such as the fabric name after `replicationFabrics`. */
export const nameAfter = (id: string, collection: string): string =>
  new RegExp(`/${collection}/([^/?]+)`, 'i').exec(id)?.[1] ?? '';

/** Returns the subscription id in lower case; empty when the id names none. */
export const subscriptionOf = (id: string): string => nameAfter(id, 'subscriptions').toLowerCase();
/** Returns the name of the resource group; empty when the id names none. */
export const resourceGroupNameOf = (id: string): string => nameAfter(id, 'resourceGroups');
/** Returns the last segment of an ARM id, without a query string. */
export const nameOf = (id: string): string => id.split('?')[0]?.split('/').at(-1) ?? '';

/** Returns the part of the id before a collection. */
export const idBefore = (id: string, collection: string): string =>
  id.replace(new RegExp(`/${collection}/.*$`, 'i'), '');
/**
 * Returns the id up to and including the member of this collection, such as a fabric or a vault.
 * Empty when the id contains no such collection.
 */
export const idUpTo = (id: string, collection: string): string =>
  new RegExp(`^.*?/${collection}/[^/]+`, 'i').exec(id)?.[0] ?? '';

/** Returns the id of the resource group that contains the resource. */
export const resourceGroupOf = (id: string): string => idUpTo(id, 'resourceGroups');
/** Returns the id of the vault that contains a Site Recovery resource. */
export const vaultOf = (id: string): string => idUpTo(id, 'vaults') || id;
/**
 * True when both ids exist and their subscriptions differ. Azure keeps a machine, its network
 * interfaces and their network in one subscription.
 */
export const areInDifferentSubscriptions = (
  firstId: string | null | undefined,
  secondId: string | null | undefined,
): boolean =>
  Boolean(firstId && secondId) && subscriptionOf(firstId ?? '') !== subscriptionOf(secondId ?? '');
/** Returns the id of the network that contains the subnet. */
export const networkIdOf = (subnetId: string): string => idBefore(subnetId, 'subnets');

/** The fields of a vault id that the SDKs take as separate arguments. */
export interface VaultAddress {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly vault: string;
}
/** Splits the id of a vault, or of a resource in a vault, into a VaultAddress. */
export const vaultAddressOf = (id: string): VaultAddress => ({
  subscription: subscriptionOf(id),
  resourceGroup: resourceGroupNameOf(id),
  vault: nameAfter(id, 'vaults'),
});

/** The fields of a replicated item's id that the SDKs take as separate arguments. */
export interface ItemAddress {
  readonly fabric: string;
  readonly container: string;
  readonly name: string;
}
/** Splits the id of a replicated item into an ItemAddress. */
export const itemAddressOf = (id: string): ItemAddress => ({
  fabric: nameAfter(id, 'replicationFabrics'),
  container: nameAfter(id, 'replicationProtectionContainers'),
  name: nameAfter(id, 'replicationProtectedItems'),
});

/** Returns the short name of a region: Azure writes both `East Asia` and `eastasia`. */
export const regionName = (name: string | null | undefined): string =>
  (name ?? '').toLowerCase().replaceAll(' ', '');
/** True for a resource of the classic deployment model. */
export const isClassicId = (id: string): boolean => /\/providers\/Microsoft\.Classic/i.test(id);
