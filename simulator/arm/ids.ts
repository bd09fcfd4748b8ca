// ARM ids, taken apart and put together.

export interface ArmId {
  readonly subscription: string;
  /** Empty for what lies in no resource group. */
  readonly resourceGroup: string;
  /** Microsoft.Network/virtualNetworks/subnets, with the casing of the id. */
  readonly type: string;
  readonly name: string;
}

/** What an id says, or undefined when it is no id of a resource in a subscription. */
export function parseArmId(id: string): ArmId | undefined {
  const found = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?\/providers\/([^/]+)\/(.+)$/i.exec(
    id,
  );
  const [, subscription = '', resourceGroup = '', namespace = '', rest = ''] = found ?? [];
  const parts = rest.split('/');
  const name = parts.at(-1) ?? '';
  if (!found || parts.length % 2 !== 0 || name === '') return undefined;
  return {
    subscription,
    resourceGroup,
    type: [namespace, ...parts.filter((_part, index) => index % 2 === 0)].join('/'),
    name,
  };
}

export const subscriptionId = (subscription: string): string => `/subscriptions/${subscription}`;
export const resourceGroupIdFor = (subscription: string, group: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}`;
export const resourceId = (group: string, type: string, name: string): string =>
  `${group}/providers/${type}/${name}`;

/** The id of the resource group that something lies in. */
export const resourceGroupIdOf = (id: string): string =>
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0] ?? '';

/** In lower case; empty for what lies in none. */
export const subscriptionOf = (id: string): string =>
  /^\/subscriptions\/([^/]+)/i.exec(id)?.[1]?.toLowerCase() ?? '';

export const isSameId = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
