// The states of a decision after a rule has made it, and the allowed transitions.

/** The state of a decision about an alert. */
export const DecisionState = {
  /** The decision has no effect. */
  nothing: 'nothing',
  /** Waits for the answer of a person. */
  waiting: 'waiting',
  /** The command must start; Lifeboat has not confirmed a start. */
  due: 'due',
  started: 'started',
  /** Lifeboat refused the start. */
  notStarted: 'notStarted',
  refused: 'refused',
  expired: 'expired',
  /** The approved command differs from the command that would run now. */
  void: 'void',
} as const;
/** The state of a decision about an alert. */
export type DecisionState = (typeof DecisionState)[keyof typeof DecisionState];

export const DECISION_TRANSITIONS = {
  nothing: [],
  waiting: ['waiting', 'due', 'refused', 'expired', 'void'],
  // After a long delay Lifeboat asks again.
  due: ['waiting', 'started', 'notStarted', 'void'],
  started: [],
  notStarted: [],
  refused: [],
  expired: [],
  void: [],
} as const satisfies Record<DecisionState, readonly DecisionState[]>;

export const isOpenDecision = (state: DecisionState): boolean => DECISION_TRANSITIONS[state].length > 0;

/** One window of one rule always gives the same command, even after repeated sends. */
export const idempotencyKeyOfWindow = (rule: string, window: number): string => `alert:${rule}:${window}`;
