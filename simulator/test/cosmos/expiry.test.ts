import type { Container } from '@azure/cosmos';
import { failureOf, openAccount, type TestAccount } from './account.ts';

let account: TestAccount;
beforeAll(async () => {
  account = await openAccount();
});
afterAll(() => account.close());

/** The service works in whole seconds, so a difference of one second is no error. */
const SECONDS = 4;
const later = (seconds: number) => account.advance(seconds + 1.5);

const ids = async (container: Container) =>
  (
    await container.items
      .query<string>('SELECT VALUE c.id FROM c ORDER BY c.id', { partitionKey: 'g' })
      .fetchAll()
  ).resources;

describe('documents expire', () => {
  test("after the container's time, unless they have their own time", async () => {
    const container = await account.createContainer({ defaultTtl: SECONDS });
    expect((await container.read()).resource?.defaultTtl).toBe(SECONDS);
    for (const thing of [
      { id: 'usual' },
      { id: 'ever', ttl: -1 },
      { id: 'long', ttl: 1_000 },
      { id: 'renewed' },
    ])
      await container.items.create({ ...thing, group: 'g' });
    await account.advance(SECONDS / 2);
    await container.item('renewed', 'g').patch([{ op: 'set', path: '/value', value: 1 }]);
    expect(await ids(container)).toEqual(['ever', 'long', 'renewed', 'usual']);
    await account.advance(SECONDS / 2 + 0.5);
    expect(await ids(container)).toEqual(['ever', 'long', 'renewed']);
    await later(SECONDS);
    expect(await ids(container)).toEqual(['ever', 'long']);
    expect((await container.item('usual', 'g').read()).statusCode).toBe(404);
    expect(await failureOf(container.item('usual', 'g').delete())).toMatchObject({ code: 404 });
    expect((await container.items.create({ id: 'usual', group: 'g' })).statusCode).toBe(201);
  });

  test('only with their own time, in a container with time -1', async () => {
    const container = await account.createContainer({ defaultTtl: -1 });
    await container.items.create({ id: 'brief', group: 'g', ttl: 1 });
    await container.items.create({ id: 'usual', group: 'g' });
    await later(1);
    expect(await ids(container)).toEqual(['usual']);
  });

  test('never in a container without a time, until it gets one', async () => {
    const container = await account.createContainer();
    await container.items.create({ id: 'brief', group: 'g', ttl: 1 });
    await container.items.create({ id: 'usual', group: 'g' });
    await later(1);
    expect(await ids(container)).toEqual(['brief', 'usual']);
    const { resource } = await container.read();
    await container.replace({ ...resource, id: container.id, defaultTtl: -1 });
    expect(await ids(container)).toEqual(['usual']);
    const { resource: changed } = await container.read();
    const without = Object.fromEntries(
      Object.entries(changed ?? {}).filter(([name]) => name !== 'defaultTtl'),
    );
    await container.replace({ ...without, id: container.id });
    expect((await container.read()).resource?.defaultTtl).toBeUndefined();
  });

  test('also for a batch that reads an expired document', async () => {
    const container = await account.createContainer({ defaultTtl: 1 });
    await container.items.create({ id: 'one', group: 'g' });
    await later(1);
    const { result } = await container.items.batch(
      [{ operationType: 'Create', resourceBody: { id: 'one', group: 'g' } }],
      'g',
    );
    expect(result?.[0]?.statusCode).toBe(201);
  });

  test.each([0, -2, 1.5, 2 ** 31])('but not after %p', async (ttl) => {
    const container = await account.createContainer({ defaultTtl: -1 });
    expect(await failureOf(container.items.create({ id: 'one', group: 'g', ttl }))).toMatchObject({
      code: 400,
      body: { code: 'BadRequest' },
    });
  });
});
