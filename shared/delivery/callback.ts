// Sends events to a call-back address: a signed CloudEvent by HTTP POST. Any 2xx answer means that
// the event arrived. It never sends an unsigned event.
import { config } from '../core/config.ts';
import type { CallbackDocument } from '../outbox/documents.ts';
import { CONTENT_TYPE } from './cloudEvent.ts';
import { postEvent } from './postEvent.ts';
import { signWebhook } from './signature.ts';
import type { DeliveryTarget } from './deliveryTarget.ts';

/** The delivery target for one call-back address. */
export const callbackTarget = ({ url, keys: keyNames }: CallbackDocument): DeliveryTarget => ({
  deliver(event, notAfter) {
    const {
      LIFEBOAT_CALLBACK_KEYS: secretsByName,
      LIFEBOAT_CALLBACKS: allowed,
      LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: timeoutSeconds,
    } = config();
    // During a key change one of two keys may be missing from the settings. The present key then
    // signs alone.
    const secrets = keyNames.map((name) => secretsByName.get(name)).filter((secret) => secret !== undefined);
    if (secrets.length === 0)
      return Promise.resolve({
        delivered: false,
        reason:
          `None of its keys (${keyNames.join(', ')}) is in LIFEBOAT_CALLBACK_KEYS, and Lifeboat sends nothing ` +
          'unsigned.',
        retryAfterSeconds: null,
      });
    const body = JSON.stringify(event);
    const headers = { 'content-type': CONTENT_TYPE, ...signWebhook(event.id, body, secrets, new Date()) };
    return postEvent({ url, headers, body }, { allowed, timeoutSeconds, notAfter });
  },
});
