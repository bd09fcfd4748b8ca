// Checks bearer tokens in this process against the keys of the simulator's sign-in service.
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  type KeyObject,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { authenticate, authorize, describeCaller } from '../../../shared/access/bearer.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
let issuersKey: KeyObject;
let genuine: string;
beforeAll(async () => {
  store = await startSimulatedStore();
  const { privateKey } = JSON.parse(readFileSync(join(dirname(store.trace), 'identity.json'), 'utf8')) as {
    privateKey: string;
  };
  issuersKey = createPrivateKey(privateKey);
  genuine = await store.token('operator');
});
afterAll(() => store.close());

const strangersKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (part: string): object => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
const byIssuer = (text: string): Buffer => sign('RSA-SHA256', Buffer.from(text), issuersKey);
const byStranger = (text: string): Buffer => sign('RSA-SHA256', Buffer.from(text), strangersKey);
const byPublicKey = (text: string): Buffer =>
  createHmac('sha256', createPublicKey(issuersKey).export({ type: 'spki', format: 'pem' }))
    .update(text)
    .digest();

/** The genuine token with changes and a new signature. */
function changed(claims: object, header: object = {}, signed = byIssuer): string {
  const [head = '', body = ''] = genuine.split('.');
  const unsigned = `${encoded({ ...decoded(head), ...header })}.${encoded({ ...decoded(body), ...claims })}`;
  return `${unsigned}.${signed(unsigned).toString('base64url')}`;
}

const messageFor = (token: string): Promise<string> =>
  authenticate(`Bearer ${token}`).then(
    () => 'taken',
    (error: unknown) => (error as Error).message,
  );

test('Lifeboat accepts a genuine token, also an unchanged one with a new signature [RBAC-1]', async () => {
  expect(await authenticate(`Bearer ${genuine}`)).toMatchObject({ roles: ['Operator'], door: 'rest' });
  expect(await messageFor(changed({}))).toBe('taken');
  await expect(authenticate(null)).rejects.toMatchObject({ status: 401, code: 'TokenMissing' });
});

test.each<[string, () => string, RegExp]>([
  ['signed by another key', () => changed({}, {}, byStranger), /signature is wrong/],
  ['of another issuer', () => changed({ iss: 'https://login.example.com/tenant/v2.0' }), /another issuer/],
  ['for another audience', () => changed({ aud: 'https://management.azure.com' }), /another service/],
  ['of another tenant', () => changed({ tid: randomUUID() }), /of this tenant/],
  ['that has expired', () => changed({ exp: inSeconds(-120) }), /has expired/],
  ['that never expires', () => changed({ exp: undefined }), /is not valid yet/],
  ['that is not valid yet', () => changed({ nbf: inSeconds(600) }), /is not valid yet/],
  ['of nobody', () => changed({ oid: undefined }), /a person or service/],
  ['that is an ID token', () => changed({ azp: undefined, nonce: 'n' }), /it is no access token/],
  [
    'with another algorithm of the same key',
    () =>
      changed({}, { alg: 'PS256' }, (text) =>
        sign('sha256', Buffer.from(text), { key: issuersKey, padding: 6, saltLength: 32 }),
      ),
    /algorithm is not allowed/,
  ],
  [
    'signed with the public key as a secret',
    () => changed({}, { alg: 'HS256' }, byPublicKey),
    /algorithm is not allowed/,
  ],
])('Lifeboat refuses a token %s, and gives the reason [RBAC-1]', async (_what, token, why) => {
  await expect(authenticate(`Bearer ${token()}`)).rejects.toMatchObject({
    status: 401,
    code: 'TokenRefused',
    message: expect.stringMatching(why) as string,
  });
});

test('the name of a caller stays in one line of the log [RBAC-1]', async () => {
  const name = 'Mallory\r\n200 POST /api/v1/jobs for owner@contoso.com\u2028\u202eb';
  const caller = await authenticate(`Bearer ${changed({ preferred_username: name })}`);
  expect(caller.name).toBe('Mallory 200 POST /api/v1/jobs for owner@contoso.com b');
  expect(describeCaller(caller)).toMatch(/^Mallory 200 .* b \(.*\)$/);
  expect((await authenticate(`Bearer ${changed({ preferred_username: 'Zoë Müller 山' })}`)).name).toBe(
    'Zoë Müller 山',
  );
});

test('a role opens its own routes and no others [RBAC-1]', async () => {
  const operator = await authenticate(`Bearer ${genuine}`);
  authorize(operator, 'POST /api/v1/jobs');
  expect(() => authorize(operator, 'PUT /api/v1/plans/{planId}')).toThrow(
    expect.objectContaining({ status: 403, code: 'RoleMissing' }) as Error,
  );
  expect(() => authorize({ ...operator, roles: [] }, 'GET /api/v1/jobs')).toThrow(
    expect.objectContaining({ code: 'RoleMissing' }) as Error,
  );
});
