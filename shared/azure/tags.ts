// The tag by which what Lifeboat made in Azure is known as Lifeboat's: its value says for what it was made.

export const MADE_AS = 'lifeboat';
export const MadeAs = { cache: 'cache', disks: 'disks', target: 'target', vault: 'vault' } as const;
export type MadeAs = (typeof MadeAs)[keyof typeof MadeAs];
