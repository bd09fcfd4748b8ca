// Access to Cosmos DB: the key's signature, tokens, and the operations that Azure forbids to
// tokens.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CosmosClient } from '@azure/cosmos';
import { tokenOf } from '../../cosmos/server.ts';
import type { Exchange } from '../../wire/exchange.ts';
import { sendPlainRequest, failureOf, openAccount, type TestAccount } from './account.ts';
import { startLocalServer, type LocalServer } from './local-server.ts';

describe('the account key', () => {
  let account: TestAccount;
  beforeAll(async () => {
    account = await openAccount();
  });
  afterAll(() => account.close());

  test('is the only key that the account accepts', async () => {
    const stranger = new CosmosClient({
      endpoint: account.endpoint,
      key: Buffer.from('another key').toString('base64'),
    });
    expect(await failureOf(stranger.databases.readAll().fetchAll())).toMatchObject({
      code: 401,
      body: { code: 'Unauthorized' },
    });
    stranger.dispose();
  });

  test('signs one request and no other', async () => {
    const link = account.database.url;
    const request = { method: 'GET', type: 'dbs', link, path: `/${link}` };
    expect((await sendPlainRequest(account, request)).status).toBe(200);
    expect((await sendPlainRequest(account, { ...request, path: `/${link}/colls` })).status).toBe(401);
    expect(
      (
        await sendPlainRequest(account, {
          ...request,
          method: 'DELETE',
          headers: { 'x-ms-date': new Date(0).toUTCString() },
        })
      ).status,
    ).toBe(401);
    for (const authorization of ['', 'nonsense', '%', encodeURIComponent('type=master&ver=1.0&sig=AAAA')]) {
      const { status, body } = await sendPlainRequest(account, { ...request, headers: { authorization } });
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: 'Unauthorized', message: expect.any(String) as unknown });
    }
  });
});

describe('a token', () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-cosmos-'));
  let server: LocalServer;
  let client: CosmosClient;

  beforeAll(async () => {
    server = await startLocalServer({
      dataFile: join(folder, 'cosmos.db'),
      authenticate: tokenOnly,
      containers: [{ database: 'lifeboat', id: 'jobs', partitionKeyPaths: ['/jobId'] }],
    });
    client = clientWith('good token');
  });
  afterAll(async () => {
    client.dispose();
    await server.close();
    rmSync(folder, { recursive: true });
  });

  /** With `aadCredentials` the SDK sends the same header, but over https only. */
  function clientWith(token: string): CosmosClient {
    return new CosmosClient({
      endpoint: server.endpoint,
      tokenProvider: () => Promise.resolve(`type=aad&ver=1.0&sig=${token}`),
    });
  }

  test('reaches the documents of existing containers', async () => {
    const jobs = client.database('lifeboat').container('jobs');
    const { resource } = await jobs.items.create({ id: 'job', jobId: '1' });
    const { resources } = await jobs.items.query('SELECT * FROM c ORDER BY c.id').fetchAll();
    expect(resources).toEqual([resource]);
    expect((await jobs.read()).resource?.partitionKey?.paths).toEqual(['/jobId']);
  });

  test('cannot create or drop databases and containers', async () => {
    const calls = [
      client.databases.create({ id: 'mine' }),
      client.database('lifeboat').containers.create({ id: 'mine' }),
      client.database('lifeboat').container('jobs').delete(),
      client.database('lifeboat').delete(),
    ];
    for (const call of calls)
      expect(await failureOf(call)).toMatchObject({
        code: 403,
        substatus: 5300,
        body: { code: 'Forbidden' },
      });
    await client.database('lifeboat').container('jobs').items.readAll().fetchAll();
  });

  test('is refused with the answer of its verifier', async () => {
    const stranger = clientWith('bad token');
    expect(
      await failureOf(stranger.database('lifeboat').container('jobs').items.readAll().fetchAll()),
    ).toMatchObject({ code: 401, message: 'No.' });
    stranger.dispose();
  });
});

function tokenOnly(exchange: Exchange) {
  return tokenOf(exchange) === 'good token'
    ? { principal: 'app' }
    : { refused: { status: 401, body: { code: 'Unauthorized', message: 'No.' } } };
}
