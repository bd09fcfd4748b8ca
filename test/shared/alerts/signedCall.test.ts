// Calls with the signature of a key: the correct key, in time, over this body, and once.
import { verifySignedCall, type SignedCall } from '../../../shared/alerts/signedCall.ts';
import { signedHeaders, type AlertKey } from '../../support/alerts.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const keyOf = (id: string): AlertKey => ({
  id,
  secret: Buffer.from(`the secret of the key ${id} of this test`).toString('base64'),
});
const [GRID, OTHER, UNKNOWN] = [keyOf('grid'), keyOf('other'), keyOf('unknown')];
const BODY = Buffer.from('{"id":"a"}');
const SKEW_SECONDS = 300;

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore(1, {
    LIFEBOAT_ALERT_KEYS: [GRID, OTHER].map(({ id, secret }) => `${id}=${secret}`).join(','),
    LIFEBOAT_ALERT_SKEW_SECONDS: String(SKEW_SECONDS),
  });
});
afterAll(() => store.close());

function callBy(
  key: AlertKey,
  offsetSeconds = 0,
  options: Parameters<typeof signedHeaders>[2] = {},
): SignedCall {
  const headers = signedHeaders(BODY, key, { at: Date.now() + offsetSeconds * 1000, ...options });
  return {
    timestamp: headers['webhook-timestamp'] ?? '',
    nonce: headers['webhook-nonce'] ?? '',
    signature: headers['webhook-signature'] ?? '',
    body: BODY,
  };
}
const codeOf = (call: SignedCall): Promise<string> =>
  verifySignedCall(call, new Date()).then(
    ({ id }) => id,
    (error: unknown) => (error as { code: string }).code,
  );

test('Lifeboat refuses a repeated call by its nonce [TRG-4]', async () => {
  const call = callBy(GRID);
  expect([await codeOf(call), await codeOf(call)]).toEqual(['key:grid', 'NonceUsed']);
  expect(await codeOf(callBy(GRID))).toBe('key:grid');
});

test('a call with two signatures does not come again with one of them [TRG-4]', async () => {
  const [nonce, at] = ['a-nonce-of-both-keys', Date.now()];
  const [first, second] = [GRID, OTHER].map((key) => callBy(key, 0, { nonce, at }));
  if (!first || !second) throw new Error('Two keys.');
  const both = { ...first, signature: `${String(first.signature)} ${String(second.signature)}` };
  expect([await codeOf(both), await codeOf(second), await codeOf(first)]).toEqual([
    'key:grid',
    'NonceUsed',
    'NonceUsed',
  ]);
});

test('a nonce stays used while its call is in time, however fast the time of the store is [TRG-4]', async () => {
  const call = callBy(GRID);
  expect(await codeOf(call)).toBe('key:grid');
  await store.advance(86_400);
  expect(await codeOf(call)).toBe('NonceUsed');
});

test('Lifeboat refuses a call with an old or a future signature time [TRG-4]', async () => {
  expect(await codeOf(callBy(GRID, -SKEW_SECONDS - 10))).toBe('SignatureExpired');
  expect(await codeOf(callBy(GRID, SKEW_SECONDS + 10))).toBe('SignatureExpired');
});

test('Lifeboat accepts a call only with a known key over this body, time and nonce [TRG-4]', async () => {
  expect(await codeOf(callBy(OTHER))).toBe('key:other');
  expect(await codeOf(callBy(UNKNOWN))).toBe('SignatureRefused');
  expect(await codeOf({ ...callBy(GRID), body: Buffer.from('{"id":"b"}') })).toBe('SignatureRefused');
  expect(await codeOf({ ...callBy(GRID), nonce: 'another-nonce-of-enough-letters' })).toBe(
    'SignatureRefused',
  );
  const byUnknown = callBy(UNKNOWN);
  expect(
    await codeOf({ ...byUnknown, signature: byUnknown.signature?.replace('unknown', 'grid') ?? null }),
  ).toBe('SignatureRefused');
  expect(await codeOf({ ...callBy(GRID), signature: null })).toBe('SignatureMissing');
});

test('a refused call does not use its nonce [TRG-4]', async () => {
  const call = callBy(GRID);
  expect(await codeOf({ ...call, body: Buffer.from('{}') })).toBe('SignatureRefused');
  expect(await codeOf(call)).toBe('key:grid');
});
