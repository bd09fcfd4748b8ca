// A call-back address: a signed CloudEvent by HTTP POST. Any 2xx means that it has arrived.
import { config } from '../config.ts';
import type { CallbackDocument } from '../store/documents.ts';
import { CONTENT_TYPE } from './cloudEvent.ts';
import { post } from './post.ts';
import { sign } from './signature.ts';
import type { Target } from './target.ts';

export const callbackTarget = ({ url, keys }: CallbackDocument): Target => ({
  deliver(event) {
    const body = JSON.stringify(event);
    const headers = { 'content-type': CONTENT_TYPE, 'webhook-id': event.id, ...sign(body, keys, new Date()) };
    return post({ url, headers, body }, { allowed: config().LIFEBOAT_CALLBACKS, timeoutSeconds: config().LIFEBOAT_CALLBACK_TIMEOUT_SECONDS });
  },
});
