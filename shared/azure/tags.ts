// The tag by which what Lifeboat made in Azure is known as Lifeboat's: its value says for what it was made.

export const PURPOSE_TAG = 'lifeboat';
export const ResourcePurpose = { cache: 'cache', disks: 'disks', target: 'target', vault: 'vault' } as const;
export type ResourcePurpose = (typeof ResourcePurpose)[keyof typeof ResourcePurpose];
