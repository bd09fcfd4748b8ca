// The refusal for a VM with the remains of a failed enabling.
import type { Refusal } from '../../core/refusal.ts';

/** The remains of a failed attempt block the next attempt. */
export const enablingFailedRefusal = (itemId: string): Refusal => ({
  code: 'EnablingFailedBefore',
  message:
    'An earlier attempt to replicate the VM has failed, and left an item that must go first ' +
    `(${itemId}). Nothing was started. GET /api/v1/replications lists it as "enablingFailed" ` +
    'within a minute: send disableReplication with its id, then enable it again.',
});
