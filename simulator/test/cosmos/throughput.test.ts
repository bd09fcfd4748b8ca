// The budget of request units, in the simulator alone: the budget of a real account belongs to its
// owner.

import { CosmosClient, type Container } from '@azure/cosmos';
import { CosmosError } from '../../cosmos/errors.ts';
import { Throughput } from '../../cosmos/throughput.ts';
import { failureOf, IS_REAL, openAccount, type TestAccount } from './account.ts';

test('the budget of one second makes each container wait until it has paid back its overspent units', () => {
  let now = 0;
  const throughput = new Throughput(
    () => 100,
    () => now,
  );
  const wait = (container: string): number => {
    try {
      throughput.requireBudget(container);
      return 0;
    } catch (error) {
      return error instanceof CosmosError ? Number(error.headers['x-ms-retry-after-ms']) : NaN;
    }
  };
  throughput.spend('a', 99);
  expect(wait('a')).toBe(0);
  now = 300;
  throughput.spend('a', 51);
  expect(wait('a')).toBe(700);
  expect(wait('b')).toBe(0);
  now = 1_000;
  expect(wait('a')).toBe(0);
  // The overspent units reduce the next second's budget.
  throughput.spend('a', 50);
  expect(wait('a')).toBe(1_000);
  now = 60_000;
  expect(wait('a')).toBe(0);
  throughput.spend('a', 350);
  expect(wait('a')).toBe(3_000);
});

if (!IS_REAL)
  describe('an account with a small budget', () => {
    let account: TestAccount;
    let container: Container;
    let impatient: CosmosClient;

    beforeAll(async () => {
      account = await openAccount();
      impatient = new CosmosClient({
        endpoint: account.endpoint,
        key: account.key,
        connectionPolicy: {
          retryOptions: {
            maxRetryAttemptCount: 0,
            fixedRetryIntervalInMilliseconds: 0,
            maxWaitTimeInSeconds: 0,
          },
        },
      });
    });
    beforeEach(async () => {
      container = await account.createContainer();
    });
    afterEach(() => account.changeSettings({ throughput: null }));
    afterAll(async () => {
      impatient.dispose();
      await account.close();
    });

    const strict = () => impatient.database(account.database.id).container(container.id);
    const write = (target: Container, number: number) =>
      target.items.upsert({ id: `n${number}`, group: 'g', number });

    test('refuses excess requests, gives the waiting time, and changes nothing', async () => {
      await account.changeSettings({ throughput: 1 });
      await write(strict(), 1);
      const failure = (await failureOf(write(strict(), 2))) as {
        code: number;
        substatus?: number;
        retryAfterInMs?: number;
        message: string;
      };
      expect(failure).toMatchObject({ code: 429, substatus: 3200 });
      expect(failure.retryAfterInMs).toBeGreaterThan(0);
      expect(failure.retryAfterInMs).toBeLessThanOrEqual(11_000);
      expect(failure.message).toContain('Request rate is large');
      await account.changeSettings({ throughput: null });
      expect((await container.item('n2', 'g').read()).statusCode).toBe(404);
    });

    test('makes the SDK wait, and nothing is written twice', async () => {
      await account.changeSettings({ throughput: 100 });
      const before = account.requests.length;
      const results = await Promise.all(
        Array.from({ length: 40 }, (_, number) => container.items.create({ id: `w${number}`, group: 'g' })),
      );
      expect(results.every(({ statusCode }) => statusCode === 201)).toBe(true);
      expect(account.requests.length - before).toBeGreaterThan(40);
    });

    test('does not limit requests other than for documents', async () => {
      await account.changeSettings({ throughput: 1 });
      await write(strict(), 3);
      expect(await failureOf(write(strict(), 4))).toMatchObject({ code: 429 });
      expect((await strict().read()).statusCode).toBe(200);
      const other = await account.createContainer();
      expect((await write(impatient.database(account.database.id).container(other.id), 5)).statusCode).toBe(
        201,
      );
    });

    test('rejects invalid settings', async () => {
      await expect(account.changeSettings({ throughput: -1 })).rejects.toThrow(/Expected/);
      await expect(account.changeSettings({ ranges: 0 })).rejects.toThrow(/Expected/);
    });
  });
