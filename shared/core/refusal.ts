// Why something is not done: a code for programs and a sentence for people.

export interface Refusal {
  readonly code: string;
  /** What is wrong, and what to do instead; where there is a choice, the possible values. */
  readonly message: string;
}
