// Refused alerts and rules: calls of strangers, and rules without the right to save them.
import * as crypto from 'node:crypto';
import {
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  type KeyObject,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALERT_KEYS, startAlertEnvironment, type AlertEnvironment } from '../../support/alert-environment.ts';
import { loadMutatedModule } from '../../support/mutant.ts';
import { genericAlert, signedHeaders } from '../../support/alerts.ts';

let environment: AlertEnvironment;
const WHEN = { dimensions: { tier: ['front'] } };
beforeAll(async () => {
  environment = await startAlertEnvironment(4);
});
afterAll(() => environment.stop());

const writes = async () => (await environment.simulator.siteRecovery.writes()).length;

describe('a call', () => {
  let rule: string;
  beforeAll(async () => {
    // Any accepted alert would start a run.
    rule = (
      await environment.createAlertRule('eager', {
        when: { severities: [0, 1, 2, 3, 4] },
        command: environment.nextFailover(),
      })
    ).id;
  });
  afterAll(() => environment.callAlertRule('DELETE', '/eager', { ifMatch: '"1"' }));

  async function nothingOf(
    call: () => Promise<{ readonly status: number; readonly body: { readonly code: string } }>,
    status: number,
    code: string,
  ): Promise<void> {
    const before = await environment.readAlertDocuments();
    const { body, ...answer } = await call();
    expect([answer.status, body.code]).toEqual([status, code]);
    expect(JSON.stringify(body)).not.toMatch(new RegExp(ALERT_KEYS.map(({ secret }) => secret).join('|')));
    expect(await environment.readAlertDocuments()).toEqual(before);
    expect(await environment.listDecisions(rule)).toEqual([]);
    expect(await writes()).toBe(0);
  }

  test('Lifeboat refuses Azure Monitor without the role or a genuine token [TRG-4] [RBAC-1]', async () => {
    const alert = { id: 'x', firedAt: await environment.timeInMinutes() };
    for (const who of ['owner', 'contributor', 'operator', 'reader', 'approver', 'stranger'])
      await nothingOf(() => environment.sendAzureMonitorAlert(alert, { who }), 403, 'RoleMissing');
    const text = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [head = '', body = ''] = (await environment.simulator.token('alerts')).split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object;
    const token = (claims: object, key?: KeyObject, header: object = {}): string => {
      const unsigned = `${text({ ...read(head), ...header })}.${text({ ...read(body), ...claims })}`;
      return `${unsigned}.${key ? sign('RSA-SHA256', Buffer.from(unsigned), key).toString('base64url') : ''}`;
    };
    const genuine = createPrivateKey(
      (
        JSON.parse(readFileSync(join(environment.simulator.data, 'identity.json'), 'utf8')) as {
          privateKey: string;
        }
      ).privateKey,
    );
    const now = Math.floor(Date.now() / 1000);
    for (const forged of [
      'none',
      token({}, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
      token({}, undefined, { alg: 'none' }),
      token({ exp: now - 3600 }, genuine),
      token({ aud: 'https://management.azure.com' }, genuine),
      token({ tid: randomUUID() }, genuine),
      token({ iss: 'https://login.example/t/v2.0' }, genuine),
      await environment.simulator.token('alerts', 'https://cosmos.azure.com'),
    ])
      await nothingOf(() => environment.sendAzureMonitorAlert(alert, { token: forged }), 401, 'TokenRefused');
    await nothingOf(
      () =>
        environment.lifeboat.call('/api/v1/alerts/azure-monitor', {
          method: 'POST',
          principal: 'alerts',
          body: { schemaId: 'other' },
        }),
      400,
      'Invalid',
    );
    for (const path of ['/api/v1/jobs', '/api/v1/alert-rules', '/api/v1/plans'])
      expect((await environment.lifeboat.call(path, { principal: 'alerts' })).status).toBe(403);
  });

  test('Lifeboat refuses each signature that is missing, wrong, early or late [TRG-4]', async () => {
    const [key] = ALERT_KEYS;
    const body = JSON.stringify(genericAlert({ id: 'g', firedAt: await environment.timeInMinutes() }));
    const good = signedHeaders(body, key);
    const digest = createHmac('sha256', Buffer.from(key.secret, 'base64')).update(body).digest('base64');
    for (const [sent, headers] of [
      [
        body,
        signedHeaders(body, {
          ...key,
          secret: Buffer.from('an invented key').toString('base64'),
        }),
      ],
      [body, signedHeaders(body, { ...key, id: 'nobody' })],
      [body, signedHeaders(body, { ...key, id: 'constructor' })],
      [body.replace('Sev1', 'Sev0'), good],
      [`${body} `, good],
      [body, { ...good, 'webhook-nonce': randomUUID() }],
      [body, { ...good, 'webhook-timestamp': String(Number(good['webhook-timestamp']) + 1) }],
      [body, { ...good, 'webhook-nonce': 'short' }],
      [body, { ...good, 'webhook-timestamp': 'now' }],
      [body, { ...good, 'webhook-signature': `v1,${key.id},` }],
      [body, { ...good, 'webhook-signature': `v0,${key.id},${digest}` }],
      [body, { ...good, 'webhook-signature': 'v1' }],
      [body, { ...good, 'webhook-signature': `v1 v1 v1 v1 ${String(good['webhook-signature'])}` }],
      [body, { ...good, 'webhook-signature': `v1,${key.id},${digest}` }],
    ] as const)
      await nothingOf(() => environment.sendSignedAlert(sent, headers), 401, 'SignatureRefused');
    for (const name of ['webhook-timestamp', 'webhook-nonce', 'webhook-signature'])
      await nothingOf(
        () =>
          environment.sendSignedAlert(
            body,
            Object.fromEntries(Object.entries(good).filter(([entry]) => entry !== name)),
          ),
        401,
        'SignatureMissing',
      );
    for (const off of [-310_000, 310_000])
      await nothingOf(
        () => environment.sendSignedAlert(body, signedHeaders(body, key, { at: Date.now() + off })),
        401,
        'SignatureExpired',
      );
    await nothingOf(() => environment.sendSignedAlert('x'.repeat(70_000), good), 413, 'BodyTooLarge');
  });

  test('Lifeboat refuses a repeated call, and keeps only its nonce [TRG-4]', async () => {
    const [key] = ALERT_KEYS;
    const wrong = JSON.stringify({ id: 'g', start: true });
    const headers = signedHeaders(wrong, key);
    const known = new Set((await environment.readAlertDocuments()).map(({ id }) => id));
    expect(await environment.sendSignedAlert(wrong, headers)).toMatchObject({
      status: 400,
      body: { code: 'Invalid' },
    });
    await nothingOf(() => environment.sendSignedAlert(wrong, headers), 409, 'NonceUsed');
    expect((await environment.readAlertDocuments()).filter(({ id }) => !known.has(id))).toEqual([
      expect.objectContaining({ type: 'nonce', ttl: 604_800 }),
    ]);
  });
});

describe('the guards against strangers: passes with its guard, fails without it', () => {
  type Signed = typeof import('../../../shared/alerts/signedCall.ts');
  const SIGNED = 'shared/alerts/signedCall.ts';
  const codeOf = (called: Promise<unknown>): Promise<string> =>
    called.then(
      () => 'taken',
      (error: unknown) => (error as { code: string }).code,
    );
  const call = (at = Date.now()) => {
    const headers = signedHeaders('{}', ALERT_KEYS[0], { at });
    return {
      timestamp: headers['webhook-timestamp'] ?? '',
      nonce: headers['webhook-nonce'] ?? '',
      signature: headers['webhook-signature'] ?? '',
      body: Buffer.from('{}'),
    };
  };
  /** The module without a change: the text replaces itself. */
  const asItIs = (find: string) => ({ file: SIGNED, find, replace: find });

  const scenes: readonly (readonly [
    name: string,
    find: string,
    replace: string,
    act: (signed: Signed) => Promise<string[]>,
    truth: readonly string[],
    without: readonly string[],
  ])[] = [
    [
      'the nonce: Lifeboat refuses a repeated call',
      'nonceIdOf(name, nonce)',
      'nonceIdOf(name, crypto.randomUUID())',
      async ({ verifySignedCall }) => {
        const sent = call();
        return [
          await codeOf(verifySignedCall(sent, new Date())),
          await codeOf(verifySignedCall(sent, new Date())),
        ];
      },
      ['taken', 'NonceUsed'],
      ['taken', 'taken'],
    ],
    [
      'the time: Lifeboat refuses an old and a future signature',
      '> maxSkewSeconds)',
      '> Infinity * maxSkewSeconds)',
      async ({ verifySignedCall }) =>
        Promise.all(
          [-310_000, 310_000, 0].map((off) => codeOf(verifySignedCall(call(Date.now() + off), new Date()))),
        ),
      ['SignatureExpired', 'SignatureExpired', 'taken'],
      ['taken', 'taken', 'taken'],
    ],
  ];
  test.each(scenes)('%s [TRG-4]', async (_name, find, replace, act, truth, without) => {
    expect(await act(loadMutatedModule(asItIs(find)) as Signed)).toEqual(truth);
    expect(await act(loadMutatedModule({ file: SIGNED, find, replace }) as Signed)).toEqual(without);
  });

  test('the guard compares each wrong digest up to its last byte [TRG-4]', async () => {
    const find = 'timingSafeEqual(givenDigest, expectedDigest)';
    const good = call();
    const wrongFrom = (byte: number): string => {
      const digest = Buffer.from(good.signature.split(',')[2] ?? '', 'base64');
      return `v1,${ALERT_KEYS[0].id},${digest.fill(~(digest[byte] ?? 0) & 0xff, byte).toString('base64')}`;
    };
    const compared = async (replace: string): Promise<readonly [codes: string[], lengths: number[]]> => {
      const lengths: number[] = [];
      const spied = {
        ...crypto,
        timingSafeEqual: (a: Buffer, b: Buffer) => {
          lengths.push(a.length);
          return crypto.timingSafeEqual(a, b);
        },
      };
      const { verifySignedCall } = loadMutatedModule(
        { file: SIGNED, find, replace },
        { 'node:crypto': spied },
      ) as Signed;
      const codes: string[] = [];
      for (const byte of [0, 31])
        codes.push(await codeOf(verifySignedCall({ ...good, signature: wrongFrom(byte) }, new Date())));
      return [codes, lengths];
    };
    expect(await compared(find)).toEqual([
      ['SignatureRefused', 'SignatureRefused'],
      [32, 32],
    ]);
    expect(await compared('givenDigest.equals(expectedDigest)')).toEqual([
      ['SignatureRefused', 'SignatureRefused'],
      [],
    ]);
  });
});

test('the same alert under another key and nonce is one alert [TRG-4]', async () => {
  const body = JSON.stringify(genericAlert({ id: 'rotated', firedAt: await environment.timeInMinutes() }));
  const [newer, older] = ALERT_KEYS.map((key) =>
    signedHeaders(body, key, { nonce: `nonce-of-both-${'x'.repeat(8)}` }),
  );
  if (!newer || !older) throw new Error('Two keys.');
  const both = {
    ...newer,
    'webhook-signature':
      `${String(newer['webhook-signature']).replace('grid', 'next')} ` + String(older['webhook-signature']),
  };
  expect(await environment.sendSignedAlert(body, signedHeaders(body, ALERT_KEYS[1]))).toMatchObject({
    status: 202,
    body: { how: 'new' },
  });
  expect(await environment.sendSignedAlert(body, both)).toMatchObject({
    status: 202,
    body: { how: 'repeated' },
  });
  expect(await environment.sendSignedAlert(body, signedHeaders(body, ALERT_KEYS[0]))).toMatchObject({
    status: 202,
    body: { how: 'repeated' },
  });
  expect(
    (await environment.readAlertDocuments()).filter((alertDocument) => alertDocument.type === 'alert'),
  ).toHaveLength(1);
});

test("only a caller with the command's role and the read version saves a rule [TRG-4] [RBAC-1]", async () => {
  const good = { when: WHEN, command: environment.nextFailover() };
  for (const who of ['reader', 'approver', 'alerts'])
    expect((await environment.callAlertRule('PUT', '/theirs', { body: good, who })).status).toBe(403);
  expect(
    await environment.callAlertRule('PUT', '/theirs', {
      body: { ...good, command: { operation: 'disableReplication', vms: good.command.vms } },
      who: 'operator',
    }),
  ).toMatchObject({ status: 403, body: { code: 'RoleMissing' } });
  for (const [rule, status, code] of [
    [{ ...good, when: {} }, 400, 'Invalid'],
    [{ ...good, colour: 'red' }, 400, 'Invalid'],
    [{ ...good, command: { operation: 'failover', vms: [`vm-${'a'.repeat(26)}`] } }, 422, 'VmUnknown'],
    [{ ...good, coolDownMinutes: 1 }, 400, 'Invalid'],
    [{ ...good, approval: { people: 3 } }, 400, 'Invalid'],
    [{ ...good, grant: { until: '2099' } }, 400, 'Invalid'],
  ] as const)
    expect(await environment.callAlertRule('PUT', '/theirs', { body: rule })).toMatchObject({
      status,
      body: { code },
    });
  expect((await environment.callAlertRule('GET', '/theirs')).status).toBe(404);
  const own = await environment.createAlertRule('mine', good, 'operator');
  expect(own.grant).toMatchObject({ roles: ['Operator'] });
  expect(Date.parse(own.grant.until) - Date.parse(own.grant.givenAt)).toBe(180 * 86_400_000);
  expect(await environment.callAlertRule('PUT', '/mine', { body: good })).toMatchObject({
    status: 428,
    body: { code: 'IfMatchMissing' },
  });
  expect(await environment.callAlertRule('PUT', '/mine', { body: good, ifMatch: '"9"' })).toMatchObject({
    status: 412,
    body: { code: 'AlertRuleChanged' },
  });
  expect(await environment.callAlertRule('DELETE', '/mine')).toMatchObject({ status: 428 });
  expect(await environment.callAlertRule('GET', '/mine')).toMatchObject({ body: { version: 1 } });
  expect((await environment.callAlertRule('DELETE', '/mine', { ifMatch: '"1"' })).status).toBe(204);
});
