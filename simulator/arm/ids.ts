// Parses and builds ARM ids.

export interface ArmId {
  readonly subscription: string;
  /** Empty for a resource outside a resource group. */
  readonly resourceGroup: string;
  /** For example Microsoft.Network/virtualNetworks/subnets, in the casing of the id. */
  readonly type: string;
  readonly name: string;
}

/** Parses an id. Returns undefined when the id names no resource in a subscription. */
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
/** Builds the id of a resource group. */
export const resourceGroupIdFor = (subscription: string, group: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}`;
/** Builds the id of a resource in the resource group with the id `group`. */
export const resourceId = (group: string, type: string, name: string): string =>
  `${group}/providers/${type}/${name}`;

/** Returns the id of the resource group of a resource, or an empty text. */
export const resourceGroupIdOf = (id: string): string =>
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)?.[0] ?? '';

/** Returns the subscription of an id in lower case, or an empty text. */
export const subscriptionOf = (id: string): string =>
  /^\/subscriptions\/([^/]+)/i.exec(id)?.[1]?.toLowerCase() ?? '';
