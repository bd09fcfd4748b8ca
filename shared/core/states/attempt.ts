// The states of an attempt. An attempt is one write to Azure, from its intention to its known end.
import type { Transitions } from './transitions.ts';

/** The states of an attempt. */
export const AttemptState = {
  prepared: 'prepared',
  sending: 'sending',
  accepted: 'accepted',
  notAccepted: 'notAccepted',
  unknown: 'unknown',
} as const;
export type AttemptState = (typeof AttemptState)[keyof typeof AttemptState];

/**
 * The code that may cause a transition.
 * `sender`: the one invocation with the claim.
 * `proof`: any invocation that checks Azure after the deadline of the claim.
 */
export type AttemptTransitionCause = 'sender' | 'proof';

/** The allowed transitions. A prepared attempt that nobody sends keeps its state and has no effect. */
export const ATTEMPT_TRANSITIONS: Transitions<AttemptState, AttemptTransitionCause> = {
  prepared: { sending: ['sender'] },
  sending: { accepted: ['sender'], notAccepted: ['sender'], unknown: ['sender', 'proof'] },
  accepted: {},
  notAccepted: {},
  unknown: { accepted: ['proof'], notAccepted: ['proof'] },
};

/** A request that is safe to repeat has no `prepared` state: it begins with its claim. */
export type InitialAttemptState = Extract<AttemptState, 'prepared' | 'sending'>;

/** True when the result is unknown, or when an invocation may be sending at this moment. */
export const isUndecided = (state: AttemptState | undefined): boolean =>
  state === AttemptState.sending || state === AttemptState.unknown;
