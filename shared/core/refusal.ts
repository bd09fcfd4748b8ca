// The reason why Lifeboat does not act: a code for programs and a sentence for people.

/** A reason against an action, with its code. */
export interface Refusal {
  readonly code: string;
  /** States the fault and the remedy. Lists the possible values when there is a choice. */
  readonly message: string;
}
