// Every route answers every request, and the next request on the same connection too.
import { OPEN_ROUTES, ROUTE_ROLES, SIGNED_ROUTES } from '../../shared/access/roles.ts';
import { type Role } from '../../shared/core/role.ts';
import { MAX_BODY_BYTES } from '../../shared/http/body.ts';
import { Connection, type ReceivedAnswer, type RequestInput } from '../../simulator/test/connection.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(1);
});
afterAll(() => environment.simulator.stop());

const TABLE: readonly (readonly [string, readonly Role[]])[] = [
  ...Object.entries(ROUTE_ROLES),
  ...[...OPEN_ROUTES, ...SIGNED_ROUTES].map((route) => [route, []] as const),
];
const NEXT: RequestInput = { path: '/api/v1/health' };
/** No route accepts this body. */
const BODY = '{"nothing":true}';

const xs = (length: number): string => 'x'.repeat(length);
const headers = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-many-${i}`, 'x']));

type Expected = (plain: ReceivedAnswer) => (heard: ReceivedAnswer) => boolean;
const asPlain: Expected =
  (plain) =>
  ({ status }) =>
    status === plain.status;
const HARSH: readonly (readonly [string, Partial<RequestInput>, Expected])[] = [
  ['a header of 17,000 letters', { headers: { 'x-long': xs(17_000) } }, asPlain],
  [
    'a header of 40,000 letters',
    { headers: { 'x-long': xs(40_000) } },
    () =>
      ({ status }) =>
        status === 431,
  ],
  ['80 headers', { headers: headers(80) }, asPlain],
  [
    '200 headers',
    { headers: headers(200) },
    () =>
      ({ status }) =>
        status === 431,
  ],
  [
    'the invocation id of another call',
    { headers: { 'x-ms-invocation-id': 'b2f0c7de-4d0e-4a86-9d0b-7a4f5a1c9e11' } },
    asPlain,
  ],
  // A route that reads no body answers as usual.
  [
    'a chunked body that is too large for the app',
    { body: xs(MAX_BODY_BYTES + 1), chunked: true },
    (plain) =>
      ({ status }) =>
        status === 413 || status === plain.status,
  ],
  [
    'a chunked body that is too large for the host',
    { body: xs(2 * MAX_BODY_BYTES), chunked: true },
    () =>
      ({ status, text }) =>
        status === 500 && text === '',
  ],
];

test('each route answers any request, and its connection stays open [TRG-1]', async () => {
  const wrong: string[] = [];
  for (const [route, [role]] of TABLE) {
    const [method = '', path = ''] = route.split(' ');
    const authorization =
      role === undefined
        ? {}
        : { authorization: `Bearer ${await environment.simulator.token(role.toLowerCase())}` };
    const sent = {
      method,
      path: path.replace(/\{\w+\}/g, 'none'),
      headers: { ...authorization, 'content-type': 'application/json' },
      body: BODY,
    };
    const connection = new Connection(environment.simulator.host.url);
    const plain = await connection.send(sent);
    if (plain.status >= 500) wrong.push(`${route}: ${plain.status}`);
    for (const [what, how, expected] of HARSH) {
      const heard = await connection.send({ ...sent, ...how, headers: { ...sent.headers, ...how.headers } });
      if (!expected(plain)(heard))
        wrong.push(`${route} with ${what}: ${heard.status} ${heard.text.slice(0, 100)}`);
      if ((await connection.send(NEXT)).status !== 200) wrong.push(`the request after ${route} with ${what}`);
    }
    await connection.sendPartAndClose(sent, 10);
    await connection.sendPartAndClose(sent, 100);
    if ((await connection.send(sent)).status !== plain.status) wrong.push(`${route} after callers who left`);
    connection.close();
  }
  expect(wrong).toEqual([]);
  expect(await environment.simulator.siteRecovery.writes()).toEqual([]);
});
