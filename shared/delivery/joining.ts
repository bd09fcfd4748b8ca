// Streams that go on for long: an address that is made, or made anew, after they began joins them
// where what it must know begins.
import { clock, later } from '../core/clock.ts';
import { callbacksSavedSince } from './callbackStore.ts';
import type { CallbackDocument } from '../outbox/documents.ts';
import { deliveriesOf, joinRelay } from './deliverStore.ts';
import { readRelay } from '../journal/outbox.ts';
import { kick } from './relay.ts';
import { targetsOf } from './target.ts';

/** For so long after it was saved each look lets an address in. */
const NEW_FOR_SECONDS = 3600;

export const areAddressesNew = async (audience: CallbackDocument['audience']): Promise<boolean> =>
  (await callbacksSavedSince(audience, later(await clock().now(), -NEW_FOR_SECONDS).toISOString())).length >
  0;

/**
 * `missed`: the number of the first entry that must be known; the newest, unless somebody says
 * better. Should somebody number or join meanwhile, the next look lets them in.
 */
export async function letJoin(
  stream: string,
  missed: (last: number) => Promise<number> = (last) => Promise.resolve(last),
): Promise<void> {
  const relay = await readRelay(stream);
  // Before its first news: then those who are there are found by themselves.
  if (!relay || relay.last === 0) return;
  const [wanted, known] = await Promise.all([targetsOf(stream), deliveriesOf(stream)]);
  const late = wanted.filter(
    (target) => !known.some((delivery) => delivery.target === target && !delivery.removed),
  );
  if (late.length > 0 && (await joinRelay(relay, late, known, (await missed(relay.last)) - 1))) kick(stream);
}
