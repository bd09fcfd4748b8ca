// How a job says why it did not do what it was asked for. Codes are decimal strings.

import type { JobError } from './records.ts';

export const ANOTHER_OPERATION = '532';

/** 532 is what the service was seen to answer for a busy item. */
export const anotherOperationRuns = (): JobError => ({
  code: ANOTHER_OPERATION,
  message: "The operation couldn't be completed.",
  possibleCauses: 'Another operation is in progress on the item.',
  recommendedAction: 'Wait until the operation that runs has ended, then try again.',
});

/** 539 is the service's general "the provider could not do it"; which code it gives for each of these cases was never seen. */
export const providerRefuses = (possibleCauses: string, recommendedAction: string): JobError => ({
  code: '539',
  message: "The requested action couldn't be performed by the 'A2A' replication provider.",
  possibleCauses,
  recommendedAction,
});

export const byRequest = (code: string, message: string | undefined): JobError =>
  code === ANOTHER_OPERATION && message === undefined
    ? anotherOperationRuns()
    : {
        code,
        message: message ?? "The operation couldn't be completed.",
        possibleCauses: 'The desk was told to let this operation fail.',
        recommendedAction: 'Take the fault rule away, then try again.',
      };
