// Compares a new message with a known alert: a repeat, the end, or a new life. Pure; `receive.ts`
// calls it.
import type { Alert } from './alert.ts';

export const AlertChange = { repeated: 'repeated', over: 'over', again: 'again' } as const;
export type AlertChange = (typeof AlertChange)[keyof typeof AlertChange];

type AlertTimes = Pick<Alert, 'firedAt' | 'resolvedAt'>;

/**
 * While an alert is open, each firing is a repeat: a sender may send the current time each time.
 * After the end, a firing at the end time or later begins a new life. An earlier firing is a late
 * message. An end before the start of this life ends nothing.
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

const toMs = (time: string): number => Date.parse(time);
