// The explanation on the page of a problem code.

export interface ProblemExplanation {
  /** States the event. */
  readonly means: string;
  /** States the changes that the request made. */
  readonly changed: string;
  /** States the remedy. */
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
