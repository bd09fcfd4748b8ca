// Requests to a real server that leave in time or not at all.
import { once } from 'node:events';
import { dirname } from 'node:path';
import { createServer, request as httpsRequest, type Agent } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loadTls } from '../../../simulator/wire/tls.ts';
import {
  withSendDeadline,
  deadlinePolicy,
  REQUEST_ID_HEADER,
  SEND_TOO_LATE,
} from '../../../shared/azure/sendDeadline.ts';
import { addSeconds } from '../../../shared/core/clock.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
let server: ReturnType<typeof createServer>;
let connections = 0;
const arrived: string[] = [];
beforeAll(async () => {
  // This process trusts the certificates of the simulator.
  store = await startSimulatedStore();
  const { key, cert } = await loadTls(dirname(store.addresses.caFile));
  server = createServer({ key, cert }, (request, response) => {
    arrived.push(String(request.headers[REQUEST_ID_HEADER]));
    request.resume();
    response.end('done');
  });
  server.on('secureConnection', () => {
    connections++;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await store.close();
});
afterEach(() => jest.restoreAllMocks());

/** Sends as the SDKs do: through the policy, then with the chosen agent. */
function post(id: string, onWay: () => void = () => undefined): Promise<string> {
  const request = { headers: { get: () => id }, agent: undefined as unknown };
  return withSendDeadline(id, addSeconds(new Date(), 20), (heldBack) =>
    deadlinePolicy
      .sendRequest(request, async ({ agent }) => {
        onWay();
        const options = { method: 'POST', agent: agent as Agent, headers: { [REQUEST_ID_HEADER]: id } };
        const sent = httpsRequest(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`, options);
        sent.end('{}');
        const [answer] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
        answer.resume();
        await once(answer, 'end');
        return 'answered';
      })
      .catch((error: unknown) => `${heldBack() ? 'held back' : 'sent'}: ${(error as Error).message}`),
  );
}

/** From here on the process behaves as after a sleep of a minute. */
function sleep(): void {
  const real = Date.now.bind(Date);
  jest.spyOn(Date, 'now').mockImplementation(() => real() + 60_000);
}

test('a request past its deadline writes nothing to a new or a kept connection [OP-6]', async () => {
  expect(await post('new', sleep)).toBe(`held back: ${SEND_TOO_LATE}`);
  jest.restoreAllMocks();
  expect(await post('first')).toBe('answered');
  const before = connections;
  expect(await post('again')).toBe('answered');
  expect(connections).toBe(before);
  expect(await post('kept', sleep)).toBe(`held back: ${SEND_TOO_LATE}`);
  jest.restoreAllMocks();
  sleep();
  const late = withSendDeadline('late', new Date(), () =>
    deadlinePolicy.sendRequest({ headers: { get: () => 'late' } }, () => Promise.resolve('sent')),
  );
  await expect(late).rejects.toThrow(SEND_TOO_LATE);
  jest.restoreAllMocks();
  expect(await post('last')).toBe('answered');
  expect(arrived).toEqual(['first', 'again', 'last']);
});

test('a chosen agent stays in use, and a failed connection reports its own error', async () => {
  const chosen = { headers: { get: () => 'x' }, agent: 'of a proxy' as unknown };
  expect(await deadlinePolicy.sendRequest(chosen, ({ agent }) => Promise.resolve(agent))).toBe('of a proxy');
  const closed = createServer();
  closed.listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  const request = { headers: { get: () => 'y' }, agent: undefined as unknown };
  const refused = deadlinePolicy.sendRequest(request, ({ agent }) =>
    once(httpsRequest(`https://127.0.0.1:${port}/`, { agent: agent as Agent }).end(), 'response'),
  );
  await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
