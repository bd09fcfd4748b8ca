// The tag on every Azure resource that Lifeboat creates. The value of the tag is the purpose of the
// resource.

export const PURPOSE_TAG = 'lifeboat';
export const ResourcePurpose = { cache: 'cache', disks: 'disks', target: 'target', vault: 'vault' } as const;
export type ResourcePurpose = (typeof ResourcePurpose)[keyof typeof ResourcePurpose];
