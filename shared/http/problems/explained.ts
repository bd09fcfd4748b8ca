// How the page of a problem code explains the code.

export interface Explained {
  /** What has happened. */
  readonly means: string;
  /** What was changed by the request that met the problem. */
  readonly changed: string;
  /** What to do. */
  readonly next: string;
}

const NOTHING = 'Nothing was changed.';

export const explained = (means: string, next: string, changed = NOTHING): Explained => ({
  means,
  changed,
  next,
});
