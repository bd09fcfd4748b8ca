// Tokens of Entra ID at Service Bus, over TLS as the SDK demands: their principal, their audience
// and their rights.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecure, getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { TokenCredential } from '@azure/identity';
import { ServiceBusClient } from '@azure/service-bus';
import { findPrincipal, SERVICE_BUS_AUDIENCE, type Principal } from '../../identity/directory.ts';
import { createServiceBusGuard } from '../../identity/guards.ts';
import { loadIdentitySecrets } from '../../identity/secrets.ts';
import { createTokens, type Tokens } from '../../identity/tokens.ts';
import { createServiceBus, type ServiceBus } from '../../servicebus/server.ts';
import { loadTls } from '../../wire/tls.ts';
import { KEYS, LOCAL_ENTITIES } from './start-bus-process.ts';
import { receiverOf, errorOf } from './conformance-bus.ts';

const QUEUE = 'still';
const folder = mkdtempSync(join(tmpdir(), 'simulator-servicebus-entra-'));
const issuer = (file: string): Tokens =>
  createTokens(loadIdentitySecrets(join(folder, file)), () => 'https://127.0.0.1');

let tokens: Tokens;
let bus: ServiceBus;
const clients: ServiceBusClient[] = [];
beforeAll(async () => {
  const tls = await loadTls(folder);
  setDefaultCACertificates([...getCACertificates('bundled'), readFileSync(tls.caFile, 'utf8')]);
  tokens = issuer('identity.json');
  bus = await createServiceBus({
    dataFile: join(folder, 'bus.sqlite'),
    port: 0,
    entities: LOCAL_ENTITIES,
    keys: KEYS,
    tls,
    entra: createServiceBusGuard(tokens),
  });
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await bus.close();
  rmSync(folder, { recursive: true });
});

function named(name: string): Principal {
  const principal = findPrincipal(name);
  if (principal === undefined) throw new Error(`Nobody is named ${name}.`);
  return principal;
}

const bearer = (token: () => string): TokenCredential => ({
  getToken: () => Promise.resolve({ token: token(), expiresOnTimestamp: Date.now() + 3_600_000 }),
});
function opened(client: ServiceBusClient): ServiceBusClient {
  clients.push(client);
  return client;
}
const withToken = (token: () => string): ServiceBusClient =>
  opened(
    new ServiceBusClient(`127.0.0.1:${bus.port}`, bearer(token), {
      retryOptions: { maxRetries: 0, timeoutInMs: 3_000 },
    }),
  );
const as = (name: string, audience = SERVICE_BUS_AUDIENCE, by = tokens): ServiceBusClient =>
  withToken(() => by.issue(named(name), audience));
const send = (client: ServiceBusClient): Promise<void> =>
  client.createSender(QUEUE).sendMessages({ body: 'hello' });
/** Returns the messages in the queue, received with the key. */
async function received(): Promise<unknown[]> {
  const client = opened(new ServiceBusClient(bus.connectionString('tests')));
  const receiver = receiverOf(client, QUEUE, { receiveMode: 'receiveAndDelete' });
  const messages = await receiver.receiveMessages(10, { maxWaitTimeInMs: 3_000 });
  return messages.map(({ body }) => body as unknown);
}
const NO = { code: 'UnauthorizedAccess' };

test('a principal with the right to send may send, but not receive; a key reads the message', async () => {
  const app = as('ticketing');
  await send(app);
  expect(await errorOf(receiverOf(app, QUEUE).receiveMessages(1, { maxWaitTimeInMs: 500 }))).toMatchObject({
    ...NO,
    message: expect.stringContaining("'Listen' claim") as string,
  });
  expect(await errorOf(receiverOf(app, QUEUE).peekMessages(1))).toMatchObject({
    ...NO,
    message: expect.stringContaining("'Listen' claim") as string,
  });
  const sender = app.createSender(QUEUE);
  await sender.cancelScheduledMessages(
    await sender.scheduleMessages({ body: 'later' }, new Date(Date.now() + 3_600_000)),
  );
  expect(await received()).toEqual(['hello']);
});

test.each<[string, () => ServiceBusClient]>([
  ['a principal without a role', () => as('operator')],
  ['a token for another audience', () => as('lifeboat', 'https://management.azure.com')],
  ['a token of another issuer', () => as('lifeboat', SERVICE_BUS_AUDIENCE, issuer('another.json'))],
  [
    'a changed token',
    () =>
      withToken(() =>
        tokens
          .issue(named('operator'), SERVICE_BUS_AUDIENCE)
          .replace(
            /\.[^.]+\./,
            `.${tokens.issue(named('lifeboat'), SERVICE_BUS_AUDIENCE).split('.')[1] ?? ''}.`,
          ),
      ),
  ],
  ['an invalid token', () => withToken(() => 'x')],
])('%s is refused', async (_who, client) => {
  expect(await errorOf(send(client()))).toMatchObject(NO);
});

test('a client without TLS or AMQP is disconnected, and harms nobody', async () => {
  const ends = (socket: ReturnType<typeof connectPlain>) =>
    new Promise((resolve) =>
      socket
        .resume()
        .on('error', () => undefined)
        .on('close', resolve),
    );
  const stranger = connectPlain(bus.port, '127.0.0.1', () => stranger.end('GET / HTTP/1.1\r\n\r\n'));
  const half = connectPlain(bus.port, '127.0.0.1', () =>
    half.end(Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5])),
  );
  const silent = connectPlain(bus.port, '127.0.0.1', () => silent.end());
  const quitter = connectSecure({ port: bus.port, host: '127.0.0.1' }, () => quitter.destroy());
  await Promise.all([stranger, half, silent, quitter].map(ends));
  await send(as('lifeboat'));
  expect(await received()).toEqual(['hello']);
});
