// Whether a call is of somebody who has a key: HMAC-SHA256 over the moment, a nonce and the body,
// in time, and never seen before.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { config } from '../core/config.ts';
import { rejected } from '../core/errors.ts';
import { nonceIdOf } from '../core/ids.ts';
import { createNonce } from './store.ts';
import type { AlertSender } from './receive.ts';

/**
 * `webhook-signature` may hold several, `v1,<key id>,<base64>` each, with spaces between: while
 * keys change, a sender signs with both.
 */
export interface SignedCall {
  readonly timestamp: string | null;
  readonly nonce: string | null;
  readonly signature: string | null;
  /** As it came, byte for byte. */
  readonly body: Buffer;
}

const NONCE = /^[\w.-]{16,100}$/;
const MAX_SIGNATURES = 4;

/** `<sender>/<key>`, or one name for both: a sender whose keys change stays the same. */
const senderOf = (key: string): string => key.split('/')[0] ?? key;

/**
 * Who has signed it. Refused before anything is read of the body; a nonce is kept only of calls
 * that are genuine and that `mayCome` lets pass.
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
  const keyId = signature
    .split(' ')
    .slice(0, MAX_SIGNATURES)
    .map((part) => findKeyId(part, signedBytes))
    .find((id) => id !== undefined);
  if (keyId === undefined) throw signatureRefusedError();
  const maxSkewSeconds = config().LIFEBOAT_ALERT_SKEW_SECONDS;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > maxSkewSeconds)
    throw rejected(
      401,
      'SignatureExpired',
      `This was signed at another time than now: webhook-timestamp may differ by ${maxSkewSeconds} ` +
        'seconds. Nothing was done. Sign it anew.',
    );
  const sender = `key:${senderOf(keyId)}`;
  assertSenderAllowed(sender);
  // For as long as the same call could still be in time, whichever clock was ahead.
  if (!(await createNonce(nonceIdOf(senderOf(keyId), nonce), Math.ceil(2 * maxSkewSeconds) + 60)))
    throw rejected(
      409,
      'NonceUsed',
      'A call with this nonce was here before. Nothing was done. Who sends an alert again ' +
        'takes a fresh nonce; by its id it stays the same alert.',
    );
  return { id: `key:${keyId}`, name: `whoever has the key ${keyId}`, senderKey: sender };
}

/** The id of the key, if it is by it. The comparison takes as long, however much of a guess is right. */
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

/** Without a word on what was wrong with it. */
const signatureRefusedError = () =>
  rejected(401, 'SignatureRefused', 'The signature was refused. Nothing was done.');
