// Without a key there is no access.

import { createHmac } from 'node:crypto';
import { ServiceBusClient } from '@azure/service-bus';
import { NAMES, openBus, receiverOf, errorOf, type Bus } from './conformance-bus.ts';

let bus: Bus;
beforeAll(async () => {
  bus = await openBus();
});
afterAll(() => bus.close());

const part = (name: string): string => new RegExp(`${name}=([^;]+)`).exec(bus.connectionString)?.[1] ?? '';
const sendAs = (client: ServiceBusClient): Promise<unknown> =>
  errorOf(client.createSender(NAMES.plain).sendMessages({ body: 1 }));

/** Returns a connection string with a signature that this test creates. */
function signed({
  resource = '',
  expires = Date.now() + 60_000,
  key = part('SharedAccessKey'),
}: {
  resource?: string;
  expires?: number;
  key?: string;
}): string {
  const endpoint = part('Endpoint');
  const [uri, expiry] = [
    encodeURIComponent(`${endpoint.replace(/\/?$/, '/')}${resource}`),
    String(Math.floor(expires / 1000)),
  ];
  const signature = encodeURIComponent(
    createHmac('sha256', key).update(`${uri}\n${expiry}`).digest('base64'),
  );
  const token =
    'SharedAccessSignature ' + `sr=${uri}&sig=${signature}&se=${expiry}&skn=${part('SharedAccessKeyName')}`;
  return `Endpoint=${endpoint};SharedAccessSignature=${token};UseDevelopmentEmulator=true`;
}

const NO = { code: 'UnauthorizedAccess' };

test('another key is refused, for sending and for receiving', async () => {
  const wrong = bus.openClient(
    bus.connectionString.replace(/SharedAccessKey=[^;]+/, 'SharedAccessKey=bm90IHRoZSBrZXk='),
  );
  expect(await sendAs(wrong)).toMatchObject(NO);
  expect(
    await errorOf(receiverOf(wrong, NAMES.plain).receiveMessages(1, { maxWaitTimeInMs: 500 })),
  ).toMatchObject(NO);
});

test('another key name is refused', async () => {
  expect(
    await sendAs(
      bus.openClient(bus.connectionString.replace(/SharedAccessKeyName=[^;]+/, 'SharedAccessKeyName=Nobody')),
    ),
  ).toMatchObject(NO);
});

test('an expired token is refused', async () => {
  expect(await sendAs(bus.openClient(signed({ expires: Date.now() - 1_000 })))).toMatchObject({
    ...NO,
    message: expect.stringMatching(/expired/i) as string,
  });
});

test('a token gives access to its signed resource, and to nothing else', async () => {
  await bus.openClient(signed({})).createSender(NAMES.unique).sendMessages({ body: 1, timeToLive: 1 });
  await bus
    .openClient(signed({ resource: NAMES.plain }))
    .createSender(NAMES.plain)
    .sendMessages({ body: 1, timeToLive: 1 });
  expect(await sendAs(bus.openClient(signed({ resource: NAMES.unique })))).toMatchObject(NO);
  expect(await sendAs(bus.openClient(signed({ resource: NAMES.plain.slice(0, -1) })))).toMatchObject(NO);
  expect(await sendAs(bus.openClient(signed({ key: 'another' })))).toMatchObject(NO);
});

test('an invalid token is refused', async () => {
  expect(
    await sendAs(
      bus.openClient(
        `Endpoint=${part('Endpoint')};SharedAccessSignature=SharedAccessSignature ` +
          'sr=%E0%A4%A;UseDevelopmentEmulator=true',
      ),
    ),
  ).toMatchObject(NO);
});
