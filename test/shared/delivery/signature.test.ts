// The library for Standard Webhooks checks the signature that Lifeboat computes itself.
import { signWebhook } from '../../../shared/delivery/signature.ts';
import { readSigned, secretOf } from '../../support/receiver.ts';

const [NEWER, OLDER] = [secretOf('the newer secret of this test'), secretOf('the older one')];
const bytesOf = (secret: string): Buffer => Buffer.from(secret.replace('whsec_', ''), 'base64');
const BODY = '{"plan":"Überfahrt 🛟"}';

test('either secret verifies a message that both have signed [TRG-5]', () => {
  const headers = signWebhook('job-1:1', BODY, [NEWER, OLDER].map(bytesOf), new Date());
  for (const secret of [NEWER, OLDER])
    expect(readSigned({ ...headers }, BODY, secret)).toEqual(JSON.parse(BODY));
  expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=$/);
});

test('a message without a body verifies too [PLAN-1]', () => {
  const headers = signWebhook('job-1:step:0', '', [bytesOf(NEWER)], new Date());
  expect(() => readSigned({ ...headers }, '', NEWER)).not.toThrow();
  expect(() => readSigned({ ...headers }, ' ', NEWER)).toThrow('No matching signature found');
});

test('the library refuses a message signed six minutes ago as too old [TRG-5]', () => {
  const headers = signWebhook('job-1:1', BODY, [bytesOf(NEWER)], new Date(Date.now() - 360_000));
  expect(() => readSigned({ ...headers }, BODY, NEWER)).toThrow('Message timestamp too old');
});
