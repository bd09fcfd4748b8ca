// What a message about a known alert says: the same once more, that it is over, or that it has fired again.
import type { Alert } from './alert.ts';

export const AlertChange = { repeated: 'repeated', over: 'over', again: 'again' } as const;
export type AlertChange = (typeof AlertChange)[keyof typeof AlertChange];

type AlertTimes = Pick<Alert, 'firedAt' | 'resolvedAt'>;

/**
 * While an alert is not over, each firing is a repeat: a sender may name the present moment each
 * time. Once it is over, a firing of the moment of its
 * end or later is another life, and an earlier one comes late. What was over before this life began
 * ends nothing.
 */
export function alertChangeOf(known: AlertTimes, received: AlertTimes): AlertChange {
  if (known.resolvedAt !== null)
    return toMs(received.firedAt) > toMs(known.firedAt) && toMs(received.firedAt) >= toMs(known.resolvedAt)
      ? AlertChange.again
      : AlertChange.repeated;
  return received.resolvedAt !== null && toMs(received.resolvedAt) >= toMs(known.firedAt)
    ? AlertChange.over
    : AlertChange.repeated;
}

const toMs = (moment: string): number => Date.parse(moment);
