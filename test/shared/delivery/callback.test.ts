// The keys that sign a callback: the address names them and the app's setting has them. The store
// has none.
import agreement from '../../../infra/agreement.json' with { type: 'json' };
import { parseSettings } from '../../../shared/core/config.ts';
import { callbackTarget } from '../../../shared/delivery/callback.ts';
import type { CloudEvent } from '../../../shared/delivery/cloudEvent.ts';
import { migrate } from '../../../shared/store/schema.ts';
import { makeCallbackDocument } from '../../support/job-documents.ts';
import { secretOf, startReceiver, verifyEvent, type Receiver } from '../../support/receiver.ts';

const NEWER = secretOf('the newer secret of the test');
const OLDER = secretOf('the older secret of the test');
const REQUIRED = {
  LIFEBOAT_COSMOS_ENDPOINT: 'https://cosmos.example',
  LIFEBOAT_TENANT_ID: '5d9f3a1e-6b2c-4f70-8a14-9c3e7d2b5f60',
  LIFEBOAT_AUDIENCE: 'a',
  LIFEBOAT_VAULTS: '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v',
};
const EVENT = { id: 'job-1:1', data: { job: 'job-1' } } as unknown as CloudEvent;

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  Object.assign(process.env, REQUIRED, {
    LIFEBOAT_CALLBACKS: receiver.allowListEntry,
    LIFEBOAT_CALLBACK_KEYS: `k2=${NEWER},k1=${OLDER}`,
  });
});
afterAll(() => receiver.close());

const deliverWith = (...keys: string[]) =>
  callbackTarget(makeCallbackDocument(receiver.url, ...keys)).deliver(EVENT, Date.now() + 10_000);
const knows = (call: Receiver['calls'][number] | undefined, secret: string) =>
  verifyEvent(call?.headers ?? {}, call?.body ?? '', [secret]) !== undefined;

test('a key replaces another without a call that the receiver cannot verify [TRG-5]', async () => {
  for (const keys of [['k1'], ['k1', 'k2'], ['k2']])
    expect(await deliverWith(...keys)).toEqual({ delivered: true });
  expect(receiver.calls.map((call) => [knows(call, OLDER), knows(call, NEWER)])).toEqual([
    [true, false],
    [true, true],
    [false, true],
  ]);
  expect(await deliverWith('k2', 'not there yet')).toEqual({ delivered: true });
  expect(knows(receiver.calls.at(-1), NEWER)).toBe(true);
});

test('without any key nothing goes out, and the reason names the keys and no secret [TRG-5]', async () => {
  const before = receiver.calls.length;
  const answer = await deliverWith('k3');
  expect(answer).toMatchObject({ delivered: false, reason: expect.stringContaining('(k3)') as string });
  for (const secret of [NEWER, OLDER]) expect(JSON.stringify(answer)).not.toContain(secret);
  expect(receiver.calls).toHaveLength(before);
});

test.each<[string, string]>([
  [`k1=${OLDER},k1=${NEWER}`, 'names a key twice'],
  ['k1=whsec_c2hvcnQ=', 'fewer than 24 bytes'],
  [`k1=${OLDER.replace('whsec_', '')}`, 'must be a list'],
  [OLDER, 'must be a list'],
  [`k1=${OLDER};k2=${NEWER}`, 'must be a list'],
])('the app refuses wrong keys at the start, without repeating them: case %# [TRG-5]', (setting, why) => {
  const refused = (() => {
    try {
      parseSettings({ ...REQUIRED, LIFEBOAT_CALLBACK_KEYS: setting });
      return '';
    } catch (error) {
      return String(error);
    }
  })();
  expect(refused).toContain(
    `LIFEBOAT_CALLBACK_KEYS: ${why.startsWith('fewer') ? 'holds a key of ' : ''}${why}`,
  );
  for (const secret of [NEWER, OLDER, 'c2hvcnQ']) expect(refused).not.toContain(secret);
});

test('an unresolved Key Vault reference has no key, and blocks nothing else [TRG-5]', () => {
  expect(Object.keys(agreement.settings.optional)).toContain('LIFEBOAT_CALLBACK_KEYS');
  expect(
    parseSettings({
      ...REQUIRED,
      LIFEBOAT_CALLBACK_KEYS: '@Microsoft.KeyVault(VaultName=v;SecretName=callback-keys)',
    }).LIFEBOAT_CALLBACK_KEYS.size,
  ).toBe(0);
});

test('the app reads an older address with stored keys without them [TRG-5]', () => {
  const old = { ...makeCallbackDocument(receiver.url), schema: 2, keys: [{ id: 'k1', secret: OLDER }] };
  expect(migrate(old)).toMatchObject({ keys: ['k1'] });
  expect(JSON.stringify(migrate(old))).not.toContain(OLDER);
});
