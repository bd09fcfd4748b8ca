// How a receiver knows that a call-back is ours: HMAC-SHA256 over the moment of sending and the
// body, by each active key.
import { createHmac } from 'node:crypto';

export interface SigningKey {
  readonly id: string;
  readonly secret: Buffer;
}

export interface SignatureHeaders {
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * `webhook-signature` holds `v1,<key id>,<base64>` for each key, with spaces between; what is
 * signed is `<webhook-timestamp>.<body>`.
 */
export function sign(body: string, keys: readonly SigningKey[], now: Date): SignatureHeaders {
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const signatures = keys.map(({ id, secret }) => {
    const digest = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('base64');
    return `v1,${id},${digest}`;
  });
  return { 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
