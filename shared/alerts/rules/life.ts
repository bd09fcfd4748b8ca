// What a message about a known alert says: the same once more, that it is over, or that it has fired again.
import type { Alert } from './alert.ts';

export const Delivery = { repeated: 'repeated', over: 'over', again: 'again' } as const;
export type Delivery = (typeof Delivery)[keyof typeof Delivery];

type Times = Pick<Alert, 'firedAt' | 'resolvedAt'>;

/**
 * While an alert is not over, each firing is a repeat: a sender may name the present moment each
 * time. Once it is over, a firing of the moment of its
 * end or later is another life, and an earlier one comes late. What was over before this life began
 * ends nothing.
 */
export function deliveryOf(known: Times, told: Times): Delivery {
  if (known.resolvedAt !== null)
    return at(told.firedAt) > at(known.firedAt) && at(told.firedAt) >= at(known.resolvedAt)
      ? Delivery.again
      : Delivery.repeated;
  return told.resolvedAt !== null && at(told.resolvedAt) >= at(known.firedAt)
    ? Delivery.over
    : Delivery.repeated;
}

const at = (moment: string): number => Date.parse(moment);
