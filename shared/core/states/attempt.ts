// The states of an attempt: one write, from intention to known end.
import type { Transitions } from './transitions.ts';

export const AttemptState = {
  prepared: 'prepared',
  sending: 'sending',
  accepted: 'accepted',
  notAccepted: 'notAccepted',
  unknown: 'unknown',
} as const;
export type AttemptState = (typeof AttemptState)[keyof typeof AttemptState];

/**
 * `sender`: the one invocation that has the claim.
 * `proof`: anybody who looks after the deadline of the claim.
 */
export type AttemptTransitionCause = 'sender' | 'proof';

/** An attempt that was prepared and never sent stays so: nothing follows from it. */
export const ATTEMPT_TRANSITIONS: Transitions<AttemptState, AttemptTransitionCause> = {
  prepared: { sending: ['sender'] },
  sending: { accepted: ['sender'], notAccepted: ['sender'], unknown: ['sender', 'proof'] },
  accepted: {},
  notAccepted: {},
  unknown: { accepted: ['proof'], notAccepted: ['proof'] },
};

/** A request that may come twice has no intention of its own: its claim is its beginning. */
export type InitialAttemptState = Extract<AttemptState, 'prepared' | 'sending'>;

/** What came of it is not known, or somebody may be sending at this moment. */
export const isUndecided = (state: AttemptState | undefined): boolean =>
  state === AttemptState.sending || state === AttemptState.unknown;
