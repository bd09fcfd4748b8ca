// Streams that go on for long: an address that is made, or made anew, after they began joins them
// where what it must know begins.
import { clock, addSeconds } from '../core/clock.ts';
import { findCallbacksSavedSince } from './callbackStore.ts';
import type { CallbackDocument } from '../outbox/documents.ts';
import { readDeliveries, addRelayTargets } from './deliveryStore.ts';
import { readRelay } from '../journal/outbox.ts';
import { startDelivery } from './relay.ts';
import { findDeliveryTargets } from './findTargets.ts';

/** For so long after it was saved each look lets an address in. */
const NEW_FOR_SECONDS = 3600;

export const hasNewCallbacks = async (audience: CallbackDocument['audience']): Promise<boolean> =>
  (await findCallbacksSavedSince(audience, addSeconds(await clock().now(), -NEW_FOR_SECONDS).toISOString()))
    .length > 0;

/**
 * `missed`: the number of the first entry that must be known; the newest, unless somebody says
 * better. Should somebody number or join meanwhile, the next look lets them in.
 */
export async function addNewTargets(
  stream: string,
  firstMissedNumber: (last: number) => Promise<number> = (last) => Promise.resolve(last),
): Promise<void> {
  const relay = await readRelay(stream);
  // Before its first news: then those who are there are found by themselves.
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
