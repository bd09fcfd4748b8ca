// How a decision about an alert goes on, once a rule has made it.

export const DecisionState = {
  /** Nothing follows from it. */
  nothing: 'nothing',
  /** For a person's word. */
  waiting: 'waiting',
  /** To be started, and not known to be yet. */
  due: 'due',
  started: 'started',
  /** It was to be started, and was refused. */
  notStarted: 'notStarted',
  refused: 'refused',
  expired: 'expired',
  /** What was asked for is not what would be done now. */
  void: 'void',
} as const;
export type DecisionState = (typeof DecisionState)[keyof typeof DecisionState];

export const DECISION_TRANSITIONS = {
  nothing: [],
  waiting: ['waiting', 'due', 'refused', 'expired', 'void'],
  // What was held up for too long asks again.
  due: ['waiting', 'started', 'notStarted', 'void'],
  started: [],
  notStarted: [],
  refused: [],
  expired: [],
  void: [],
} as const satisfies Record<DecisionState, readonly DecisionState[]>;

export const isOpenDecision = (state: DecisionState): boolean => DECISION_TRANSITIONS[state].length > 0;

/** The same window of the same rule is always the same command, however often it is sent. */
export const idempotencyKeyOfWindow = (rule: string, window: number): string => `alert:${rule}:${window}`;
