// Signs a message according to Standard Webhooks 1.0, so that any library for it can verify the
// message.
import { createHmac } from 'node:crypto';

/** The headers of a signed request. */
export interface SignatureHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Each secret signs `id.timestamp.body`. The header holds all signatures as `v1,<base64>`, so a
 * receiver needs only one of the secrets.
 */
export function signWebhook(
  id: string,
  body: string,
  secrets: readonly Buffer[],
  now: Date,
): SignatureHeaders {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signatures = secrets.map((secret) => {
    const digest = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
    return `v1,${digest}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
