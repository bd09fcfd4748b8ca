// A call-back address: a signed CloudEvent by HTTP POST. Any 2xx means that it has arrived.
import { config } from '../core/config.ts';
import type { CallbackDocument } from '../outbox/documents.ts';
import { CONTENT_TYPE } from './cloudEvent.ts';
import { postEvent } from './postEvent.ts';
import { signWebhook } from './signature.ts';
import type { DeliveryTarget } from './deliveryTarget.ts';

export const callbackTarget = ({ url, keys: keyNames }: CallbackDocument): DeliveryTarget => ({
  deliver(event, notAfter) {
    const {
      LIFEBOAT_CALLBACK_KEYS: secretsByName,
      LIFEBOAT_CALLBACKS: allowed,
      LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: timeoutSeconds,
    } = config();
    // While one key takes another's place, the one that is there signs alone.
    const secrets = keyNames.map((name) => secretsByName.get(name)).filter((secret) => secret !== undefined);
    if (secrets.length === 0)
      return Promise.resolve({
        delivered: false,
        reason:
          `None of its keys (${keyNames.join(', ')}) is in LIFEBOAT_CALLBACK_KEYS, and nothing goes ` +
          'out unsigned.',
        retryAfterSeconds: null,
      });
    const body = JSON.stringify(event);
    const headers = { 'content-type': CONTENT_TYPE, ...signWebhook(event.id, body, secrets, new Date()) };
    return postEvent({ url, headers, body }, { allowed, timeoutSeconds, notAfter });
  },
});
