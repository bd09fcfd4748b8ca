// Verifies a signed webhook call: HMAC-SHA256 over the timestamp, a nonce and the body. The
// timestamp must be recent and the nonce new. The alert webhook calls this module.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { config } from '../core/config.ts';
import { rejected } from '../core/errors.ts';
import { nonceIdOf } from '../core/ids.ts';
import { createNonce } from './store.ts';
import type { AlertSender } from './receive.ts';

/**
 * `webhook-signature` may hold several signatures of the form `v1,<key id>,<base64>`, with spaces
 * between. During a key change a sender signs with both keys.
 */
export interface SignedCall {
  readonly timestamp: string | null;
  readonly nonce: string | null;
  readonly signature: string | null;
  /** The exact bytes of the body. */
  readonly body: Buffer;
}

const NONCE = /^[\w.-]{16,100}$/;
const MAX_SIGNATURES = 4;
/**
 * The window of a call is in the time of its sender, which no clock of Lifeboat has to follow. So the
 * store keeps a nonce far longer than the widest window.
 */
const NONCE_SECONDS = 7 * 86_400;

/**
 * A key id is `<sender>/<key>`, or one name for both. So a sender stays the same after a key
 * change.
 */
const senderOf = (key: string): string => key.split('/')[0] ?? key;

/**
 * Gives the sender of the call. Refuses a bad call before any read of the body. Saves a nonce only
 * for genuine calls that `assertSenderAllowed` accepts.
 */
export async function verifySignedCall(
  { timestamp, nonce, signature, body }: SignedCall,
  now: Date,
  assertSenderAllowed: (sender: string) => void = () => undefined,
): Promise<AlertSender> {
  if (timestamp === null || nonce === null || signature === null)
    throw rejected(
      401,
      'SignatureMissing',
      'Send webhook-timestamp, webhook-nonce and webhook-signature. Nothing was done.',
    );
  if (!/^\d{1,12}$/.test(timestamp) || !NONCE.test(nonce)) throw signatureRefusedError();
  const signedBytes = Buffer.concat([Buffer.from(`${timestamp}.${nonce}.`), body]);
  const signatures = signature.split(' ');
  if (signatures.length > MAX_SIGNATURES) throw signatureRefusedError();
  const keyIds = signatures.flatMap((text) => findKeyId(text, signedBytes) ?? []);
  const [keyId] = keyIds;
  if (keyId === undefined) throw signatureRefusedError();
  const maxSkewSeconds = config().LIFEBOAT_ALERT_SKEW_SECONDS;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > maxSkewSeconds)
    throw rejected(
      401,
      'SignatureExpired',
      `The signature is too old or from the future: webhook-timestamp may differ by ${maxSkewSeconds} ` +
        'seconds. Nothing was done. Sign the call again.',
    );
  const sender = `key:${senderOf(keyId)}`;
  assertSenderAllowed(sender);
  // Each genuine signature uses the nonce. Otherwise the same call could come again with only the
  // second of its signatures.
  for (const name of new Set(keyIds.map(senderOf)))
    if (!(await createNonce(nonceIdOf(name, nonce), NONCE_SECONDS)))
      throw rejected(
        409,
        'NonceUsed',
        'Lifeboat has already received a call with this nonce. Nothing was done. To send an alert ' +
          'again, use a new nonce; the id keeps it the same alert.',
      );
  return { id: `key:${keyId}`, name: `the holder of the key ${keyId}`, senderKey: sender };
}

/**
 * The id of the key, if its signature is valid. The comparison takes equally long for every guess.
 */
function findKeyId(signature: string, signed: Buffer): string | undefined {
  const [version, id = '', digest = ''] = signature.split(',');
  const secret = config().LIFEBOAT_ALERT_KEYS.get(id);
  if (version !== 'v1' || secret === undefined) return undefined;
  const expectedDigest = createHmac('sha256', secret).update(signed).digest();
  const givenDigest = Buffer.from(digest, 'base64');
  return givenDigest.length === expectedDigest.length && timingSafeEqual(givenDigest, expectedDigest)
    ? id
    : undefined;
}

/** The error does not reveal the reason, so that an attacker learns nothing. */
const signatureRefusedError = () =>
  rejected(401, 'SignatureRefused', 'The signature was refused. Nothing was done.');
