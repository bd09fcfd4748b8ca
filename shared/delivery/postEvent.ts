// Posts an event to an address that a user chose. Any 2xx answer means that the event arrived.
import { sendRequest, type OutboundResult, type OutboundRules } from './outboundHttp.ts';
import type { DeliveryResult } from './deliveryTarget.ts';

/** The content of one POST request. */
export interface EventPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The limits of a POST request. */
export type PostRules = OutboundRules;

/** Posts an event. Never throws: a failure is a result too. */
export const postEvent = async (message: EventPost, rules: PostRules): Promise<DeliveryResult> =>
  toDeliveryResult(await sendRequest({ ...message, method: 'POST' }, rules));

function toDeliveryResult(result: OutboundResult): DeliveryResult {
  if (result.kind !== 'answer') return { delivered: false, reason: result.reason, retryAfterSeconds: null };
  const { status, retryAfterSeconds } = result;
  if (status >= 200 && status < 300) return { delivered: true };
  const reason =
    status >= 300 && status < 400
      ? `It answered ${status}; Lifeboat follows no redirect.`
      : `It answered ${status}.`;
  return { delivered: false, reason, retryAfterSeconds };
}
