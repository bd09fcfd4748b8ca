// What stands in an ARM id, and how Azure spells it. Ids come in any casing; they are compared
// without it (`sameId`).

/** What follows a collection: the name of a fabric after `replicationFabrics`. */
export const nameAfter = (id: string, collection: string): string =>
  new RegExp(`/${collection}/([^/?]+)`, 'i').exec(id)?.[1] ?? '';

export const subscriptionOf = (id: string): string => nameAfter(id, 'subscriptions').toLowerCase();
export const resourceGroupNameOf = (id: string): string => nameAfter(id, 'resourceGroups');
export const nameOf = (id: string): string => id.split('?')[0]?.split('/').at(-1) ?? '';

/** What stands before a collection. */
export const idBefore = (id: string, collection: string): string =>
  id.replace(new RegExp(`/${collection}/.*$`, 'i'), '');
/**
 * Up to the one in this collection: the fabric or the vault that a thing lies in. Empty when it
 * lies in none.
 */
export const idUpTo = (id: string, collection: string): string =>
  new RegExp(`^.*?/${collection}/[^/]+`, 'i').exec(id)?.[0] ?? '';

/** The id of the resource group that it lies in. */
export const resourceGroupOf = (id: string): string => idUpTo(id, 'resourceGroups');
/** The id of the vault that a thing of Site Recovery lies in. */
export const vaultOf = (id: string): string => idUpTo(id, 'vaults') || id;
/**
 * Azure keeps a machine, its interfaces and their network in one subscription. False also where one
 * of the ids is not known.
 */
export const areInDifferentSubscriptions = (
  firstId: string | null | undefined,
  secondId: string | null | undefined,
): boolean =>
  Boolean(firstId && secondId) && subscriptionOf(firstId ?? '') !== subscriptionOf(secondId ?? '');
/** The id of the network that a subnet is in. */
export const networkIdOf = (subnetId: string): string => idBefore(subnetId, 'subnets');

/** What of it the SDKs want as separate arguments. */
export interface VaultAddress {
  readonly subscription: string;
  readonly resourceGroup: string;
  readonly vault: string;
}
export const vaultAddressOf = (id: string): VaultAddress => ({
  subscription: subscriptionOf(id),
  resourceGroup: resourceGroupNameOf(id),
  vault: nameAfter(id, 'vaults'),
});

export interface ItemAddress {
  readonly fabric: string;
  readonly container: string;
  readonly name: string;
}
export const itemAddressOf = (id: string): ItemAddress => ({
  fabric: nameAfter(id, 'replicationFabrics'),
  container: nameAfter(id, 'replicationProtectionContainers'),
  name: nameAfter(id, 'replicationProtectedItems'),
});

/** Regions are named `East Asia` here and `eastasia` there. */
export const regionName = (name: string | null | undefined): string =>
  (name ?? '').toLowerCase().replaceAll(' ', '');
export const isClassicId = (id: string): boolean => /\/providers\/Microsoft\.Classic/i.test(id);
