// Adds a new or newly saved call-back address to an event stream that has already begun. Each
// address starts at the first event that it must know. Questions and runbooks use this module,
// because their streams go on for long.
import { clock, addSeconds } from '../core/clock.ts';
import { findCallbacksSavedSince } from './callbackStore.ts';
import type { CallbackDocument } from '../outbox/documents.ts';
import { readDeliveries, addRelayTargets } from './deliveryStore.ts';
import { readRelay } from '../journal/outbox.ts';
import { startDelivery } from './relay.ts';
import { findDeliveryTargets } from './findTargets.ts';

/** For this long after its save, each check can add an address to a stream. */
const NEW_FOR_SECONDS = 3600;

/** Tells whether call-back addresses of this audience are new. */
export const hasNewCallbacks = async (audience: CallbackDocument['audience']): Promise<boolean> =>
  (await findCallbacksSavedSince(audience, addSeconds(await clock().now(), -NEW_FOR_SECONDS).toISOString()))
    .length > 0;

/**
 * `firstMissedNumber` gives the number of the first event that a new target must get; by default
 * the newest event. When another process numbers events or adds targets meanwhile, the next check
 * adds the targets.
 */
export async function addNewTargets(
  stream: string,
  firstMissedNumber: (last: number) => Promise<number> = (last) => Promise.resolve(last),
): Promise<void> {
  const relay = await readRelay(stream);
  // Before the first event: numbering the first event finds all present targets.
  if (!relay || relay.last === 0) return;
  const [targets, deliveries] = await Promise.all([findDeliveryTargets(stream), readDeliveries(stream)]);
  const missingTargets = targets.filter(
    (target) => !deliveries.some((delivery) => delivery.target === target && !delivery.removed),
  );
  if (
    missingTargets.length > 0 &&
    (await addRelayTargets(relay, missingTargets, deliveries, (await firstMissedNumber(relay.last)) - 1))
  )
    startDelivery(stream);
}
