// How the page of a problem code explains the code.

export interface ProblemExplanation {
  /** What has happened. */
  readonly means: string;
  /** What was changed by the request that met the problem. */
  readonly changed: string;
  /** What to do. */
  readonly next: string;
}

const NOTHING_CHANGED = 'Nothing was changed.';

export const explainProblem = (
  means: string,
  next: string,
  changed = NOTHING_CHANGED,
): ProblemExplanation => ({
  means,
  changed,
  next,
});
