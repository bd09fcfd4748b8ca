// Callback addresses over REST. Only permitted callers save them, and only allowed hosts work. Keys
// outside the store sign the calls.
import { createHash } from 'node:crypto';
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import type { callbackView } from '../../shared/api/views.ts';
import { assertDocumentedEvents } from '../support/documented-events.ts';
import {
  CALLBACK_KEYS,
  openDatabase,
  startEventEnvironment,
  assertCompleteEvents,
  type EventEnvironment,
} from '../support/event-environment.ts';
import type { Problem } from '../support/lifeboat-client.ts';
import { acceptEvery, startReceiver, verifyEvent, type Receiver } from '../support/receiver.ts';
import { planBody, runPlanToEnd, putPlan } from '../support/plans.ts';
import { commandFor } from '../chaos/run-with-kills.ts';

type View = ReturnType<typeof callbackView>;

let second: Receiver;
let environment: EventEnvironment;
beforeAll(async () => {
  second = await startReceiver();
  environment = await startEventEnvironment(3, {}, [second.allowListEntry]);
});
afterAll(async () => {
  await environment.stop();
  await second.close();
});
beforeEach(() => second.respondWith(acceptEvery));

const call = <T = View & Problem>(
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly who?: string; readonly ifMatch?: string } = {},
) =>
  environment.lifeboat.call<T>(`/api/v1/callbacks${path}`, {
    method,
    principal: options.who ?? 'contributor',
    body: options.body,
    headers: options.ifMatch === undefined ? {} : { 'if-match': options.ifMatch },
  });
const stored = async () =>
  (
    await openDatabase(environment.simulator)
      .container('settings')
      .items.query("SELECT * FROM c WHERE c.type = 'callback'")
      .fetchAll()
  ).resources as object[];

test('saved, tried, in use for the next job, changed and removed [TRG-5]', async () => {
  const created = await call('PUT', '/board', { body: { url: `${second.url}?sig=hidden`, keys: ['k1'] } });
  expect(created).toMatchObject({
    status: 201,
    body: {
      id: 'board',
      version: 1,
      audience: 'events',
      keys: ['k1'],
      // Path and query may hold a secret, and every Reader sees this view.
      url: `${new URL(second.url).origin}/...`,
    },
  });
  expect(created.headers.get('etag')).toBe('"1"');
  expect(await call('GET', '/board', { who: 'reader' })).toMatchObject({
    status: 200,
    body: { id: 'board' },
  });

  const [vm] = environment.vms;
  if (!vm) throw new Error('No VM.');
  const job = await environment.lifeboat.runToEnd(commandFor('failover', [vm]));
  await environment.lifeboat.waitFor(
    () =>
      Promise.resolve(
        second.acceptedEvents(job.id).some(({ type }) => type === 'lifeboat.job.ended') || undefined,
      ),
    'the end of the job at the second address',
  );
  assertCompleteEvents(job, second.acceptedEvents(job.id));
  const received = second.calls.find(({ event }) => event.data['job'] === job.id);
  expect(verifyEvent(received?.headers ?? {}, received?.body ?? '', [CALLBACK_KEYS[1].secret])).toBeDefined();

  expect(
    await call('PUT', '/board', {
      body: { url: second.url, keys: ['k2', 'k1'], caller: 'nobody' },
      ifMatch: '"1"',
    }),
  ).toMatchObject({ status: 200, body: { version: 2, caller: 'nobody' } });
  expect((await call('DELETE', '/board', { ifMatch: '"2"' })).status).toBe(204);
  expect(await call('GET', '/board')).toMatchObject({ status: 404, body: { code: 'CallbackUnknown' } });
  expect((await call<{ callbacks: View[] }>('GET', '')).body.callbacks.map(({ id }) => id)).toEqual([
    'tickets',
  ]);
});

test('a test sends a harmless event to the address, and returns its answer [TRG-5]', async () => {
  await call('PUT', '/tried', { body: { url: second.url, keys: ['k2', 'k1'] } });
  expect(await call('POST', '/tried/test')).toMatchObject({ status: 200, body: { delivered: true } });
  // A new address also receives the runbook of each plan.
  const tests = second.calls.filter(({ event }) => event.source === '/api/v1/callbacks/tried');
  expect(tests.map(({ event }) => event.type)).toEqual(['lifeboat.test']);
  assertDocumentedEvents(tests.map(({ event }) => event));
  const [sent] = tests;
  for (const { secret } of CALLBACK_KEYS)
    expect(verifyEvent(sent?.headers ?? {}, sent?.body ?? '', [secret])).toMatchObject({
      subject: 'tried',
      source: '/api/v1/callbacks/tried',
    });
  second.respondWith(() => ({ status: 500 }));
  expect(await call('POST', '/tried/test')).toMatchObject({
    status: 200,
    body: { delivered: false, reason: 'It answered 500.' },
  });
  expect(await call('POST', '/nobody/test')).toMatchObject({
    status: 404,
    body: { code: 'CallbackUnknown' },
  });
  await call('DELETE', '/tried', { ifMatch: '"1"' });
});

test('Lifeboat refuses a callback with a wrong address or key, and saves nothing [TRG-5]', async () => {
  const before = await stored();
  const good = { url: second.url, keys: ['k1'] };
  for (const [address, status, code] of [
    [{ ...good, url: 'https://elsewhere.example/hook' }, 422, 'AddressNotAllowed'],
    [{ ...good, url: 'http://169.254.169.254/metadata' }, 422, 'AddressNotAllowed'],
    [{ ...good, url: second.url.replace('http://', 'http://user:pass@') }, 422, 'AddressNotAllowed'],
    [{ ...good, url: 'file:///etc/passwd' }, 400, 'Invalid'],
    [{ ...good, keys: ['k9'] }, 422, 'KeyUnknown'],
    [{ ...good, keys: [] }, 400, 'Invalid'],
    [{ ...good, keys: ['k1', 'k1'] }, 400, 'Invalid'],
    [{ ...good, level: 0 }, 400, 'Invalid'],
    [{ ...good, keys: [{ id: 'k1', secret: 'c2VjcmV0' }] }, 400, 'Invalid'],
    [{ ...good, secret: 'c2VjcmV0' }, 400, 'Invalid'],
  ] as const) {
    const refused = await call('PUT', '/wrong', { body: address });
    expect(refused).toMatchObject({ status, body: { code } });
    expect(JSON.stringify(refused.body)).not.toMatch(/c2VjcmV0|pass@/);
  }
  expect((await call('PUT', '/Not%20An%20Id', { body: good })).status).toBe(400);
  expect(await stored()).toEqual(before);
});

test('a change of a callback needs the read version and the role [TRG-5] [RBAC-1]', async () => {
  const before = await stored();
  const address = { url: second.url, keys: ['k1'] };
  expect(await call('PUT', '/tickets', { body: address })).toMatchObject({
    status: 428,
    body: { code: 'IfMatchMissing' },
  });
  expect(await call('PUT', '/tickets', { body: address, ifMatch: '"7"' })).toMatchObject({
    status: 412,
    body: { code: 'CallbackChanged' },
  });
  expect(await call('PUT', '/nobody', { body: address, ifMatch: '"1"' })).toMatchObject({
    status: 412,
    body: { code: 'CallbackUnknown' },
  });
  expect(await call('DELETE', '/tickets')).toMatchObject({ status: 428 });
  for (const who of ['operator', 'reader', 'approver', 'alerts']) {
    expect((await call('PUT', '/theirs', { body: address, who })).status).toBe(403);
    expect((await call('DELETE', '/tickets', { who, ifMatch: '"1"' })).status).toBe(403);
    expect((await call('POST', '/tickets/test', { who })).status).toBe(403);
  }
  expect((await call('GET', '', { who: 'alerts' })).status).toBe(403);
  expect(await stored()).toEqual(before);
  for (const { secret } of CALLBACK_KEYS) expect(JSON.stringify(before)).not.toContain(secret);
});

test('each callback receives the same runbook that the route answers [TRG-5] [PLAN-1]', async () => {
  const vm = environment.vms.at(-1);
  if (!vm) throw new Error('No VM.');
  const fetched = (headers: Record<string, string> = {}) =>
    environment.lifeboat.call<string>('/api/v1/plans/shop/runbook', { principal: 'reader', headers });
  const copies = (receiver: Receiver): readonly CloudEvent[] =>
    receiver.calls
      .filter(({ isAccepted, event }) => isAccepted && event.type === 'lifeboat.runbook.changed')
      .map(({ event }) => event);
  const mustHave = async (receiver: Receiver, what: RegExp): Promise<CloudEvent> => {
    const copy = await environment.lifeboat.waitFor(
      () => Promise.resolve(copies(receiver).findLast(({ data }) => what.test(String(data['text'])))),
      `a copy with ${what.source}`,
    );
    const { status, body, headers } = await fetched();
    expect({ status, body, etag: headers.get('etag') }).toEqual({
      status: 200,
      body: copy.data['text'],
      etag: `"${String(copy.data['digest'])}"`,
    });
    expect(copy.data['digest']).toBe(createHash('sha256').update(String(copy.data['text'])).digest('hex'));
    expect(copy.data['text']).toContain(`made this page at ${String(copy.data['madeAt'])}`);
    return copy;
  };
  await putPlan(environment, 'shop', planBody(environment, [{ name: 'front', vms: [vm.name] }]));
  const saved = await mustHave(environment.receiver, /Version 1 of the plan/);
  expect(saved).toMatchObject({
    id: 'runbook-shop:1',
    source: '/api/v1/plans/shop/runbook',
    subject: 'shop',
    data: { plan: 'shop', planName: 'Shop', version: 1, address: '/api/v1/plans/shop/runbook' },
  });
  for (const known of [`"${String(saved.data['digest'])}"`, `"other", W/"${String(saved.data['digest'])}"`])
    expect(await fetched({ 'if-none-match': known })).toMatchObject({ status: 304 });
  expect((await fetched({ 'if-none-match': '"other"' })).status).toBe(200);

  expect(await runPlanToEnd(environment, 'shop', 'failover')).toMatchObject({ state: 'completed' });
  await mustHave(
    environment.receiver,
    /When Lifeboat made this page, the state of \S+ was (failedOver|committed)/,
  );
  expect((await fetched({ 'if-none-match': `"${String(saved.data['digest'])}"` })).status).toBe(200);
  expect(copies(second)).toEqual([]);
  await call('PUT', '/archive', { body: { url: second.url, keys: ['k1'] } });
  expect(await mustHave(second, /When Lifeboat made this page, the state/)).toMatchObject({
    data: { number: copies(environment.receiver).length },
  });
  assertDocumentedEvents([...copies(environment.receiver), ...copies(second)]);
  await call('DELETE', '/archive', { ifMatch: '"1"' });
});
