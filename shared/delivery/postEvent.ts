// News to an address that somebody else chose, by POST: any 2xx means that they arrived.
import { sendRequest, type OutboundResult, type OutboundRules } from './outboundHttp.ts';
import type { DeliveryResult } from './deliveryTarget.ts';

export interface EventPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type PostRules = OutboundRules;

export const postEvent = async (message: EventPost, rules: PostRules): Promise<DeliveryResult> =>
  toDeliveryResult(await sendRequest({ ...message, method: 'POST' }, rules));

function toDeliveryResult(result: OutboundResult): DeliveryResult {
  if (result.kind !== 'answer') return { delivered: false, reason: result.reason, retryAfterSeconds: null };
  const { status, retryAfterSeconds } = result;
  if (status >= 200 && status < 300) return { delivered: true };
  const reason =
    status >= 300 && status < 400
      ? `It answered ${status}; a redirect is not followed.`
      : `It answered ${status}.`;
  return { delivered: false, reason, retryAfterSeconds };
}
