// What stands in an ARM id. Ids come in any casing.

const part = (id: string, collection: string): string => new RegExp(`/${collection}/([^/]+)`, 'i').exec(id)?.[1] ?? '';

export const subscriptionOf = (id: string): string => part(id, 'subscriptions').toLowerCase();
export const groupNameOf = (id: string): string => part(id, 'resourceGroups');
export const nameOf = (id: string): string => id.split('/').at(-1) ?? '';
export const fabricNameOf = (id: string): string => part(id, 'replicationFabrics');
/** The id of the network that a subnet is in, and the subnet's name. */
export const networkOf = (subnetId: string): string => subnetId.replace(/\/subnets\/[^/]+$/i, '');
/** What stands before this collection. */
export const above = (id: string, collection: string): string => id.replace(new RegExp(`/${collection}/.*$`, 'i'), '');

/** Regions are named `East Asia` here and `eastasia` there. */
export const regionName = (name: string | null | undefined): string => (name ?? '').toLowerCase().replaceAll(' ', '');
