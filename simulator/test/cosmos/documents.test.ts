import type { Container, Item } from '@azure/cosmos';
import { failureOf, openAccount, type TestAccount } from './account.ts';

let account: TestAccount;
let container: Container;

beforeAll(async () => {
  account = await openAccount();
  container = await account.createContainer();
});
afterAll(() => account.close());

interface Thing {
  id: string;
  group: string;
  value?: unknown;
  [name: string]: unknown;
}

const create = async (values: Partial<Thing> = {}): Promise<{ item: Item; etag: string }> => {
  const { resource, item } = await container.items.create({ id: crypto.randomUUID(), group: 'g', ...values });
  return { item, etag: resource?._etag ?? '' };
};

describe('a document', () => {
  test('gets system properties and reads back unchanged', async () => {
    const thing = {
      id: 'first',
      group: 'g',
      value: { nested: [1, 'zwei', null, true] },
      größe: '☂ "quoted" \\ \u0007',
    };
    const created = await container.items.create(thing);
    expect(created.statusCode).toBe(201);
    const read = await container.item('first', 'g').read<Thing>();
    expect(read.statusCode).toBe(200);
    expect(read.resource).toMatchObject(thing);
    expect(read.resource).toEqual(created.resource);
    expect(read.etag).toBe(read.resource?.['_etag']);
    expect(Object.keys(read.resource ?? {})).toEqual(
      expect.arrayContaining(['_rid', '_self', '_etag', '_ts', '_attachments']),
    );
    expect(Math.abs(Number(read.resource?.['_ts']) - Date.now() / 1000)).toBeLessThan(300);
  });

  test('can be created only once', async () => {
    const { item } = await create();
    const failure = await failureOf(container.items.create({ id: item.id, group: 'g' }));
    expect(failure).toMatchObject({ code: 409, body: { code: 'Conflict' } });
    await container.items.create({ id: item.id, group: 'another' });
  });

  test('is created by one of 50 simultaneous writers', async () => {
    const id = crypto.randomUUID();
    const attempts = await Promise.allSettled(
      Array.from({ length: 50 }, (_, number) => container.items.create({ id, group: 'g', number })),
    );
    const winners = attempts.filter((attempt) => attempt.status === 'fulfilled');
    const codes = attempts.flatMap((attempt) =>
      attempt.status === 'rejected' ? [(attempt.reason as { code: number }).code] : [],
    );
    expect(winners).toHaveLength(1);
    expect(codes).toEqual(Array.from({ length: 49 }, () => 409));
    const { resource } = await container.item(id, 'g').read<Thing>();
    expect(resource?.['number']).toBe(winners[0]?.value.resource?.number);
  });

  test('counts to 200 when 20 writers add 10 each by If-Match', async () => {
    const { item } = await create({ value: 0 });
    const increment = async (): Promise<void> => {
      const { resource, etag } = await item.read<Thing>();
      const next = { ...resource, value: Number(resource?.value) + 1 };
      await item
        .replace(next, { accessCondition: { type: 'IfMatch', condition: etag } })
        .catch((error: unknown) => {
          expect((error as { code: number }).code).toBe(412);
          return increment();
        });
    };
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let turn = 0; turn < 10; turn += 1) await increment();
      }),
    );
    expect((await item.read<Thing>()).resource?.value).toBe(200);
  });

  test('gets a new ETag with every write, also when nothing changes', async () => {
    const { item, etag } = await create();
    const etags = [etag];
    const same = { id: item.id, group: 'g' };
    etags.push(
      (await item.replace(same)).etag,
      (await container.items.upsert(same)).etag,
      (await item.patch([{ op: 'set', path: '/a', value: 1 }])).etag,
    );
    expect(new Set(etags).size).toBe(4);
  });

  test('is replaced, upserted, patched or deleted under If-Match only in the version that was read', async () => {
    const { item, etag } = await create({ value: 1 });
    await item.replace({ id: item.id, group: 'g', value: 2 });
    const stale = { accessCondition: { type: 'IfMatch', condition: etag } };
    const failures = [
      await failureOf(item.replace({ id: item.id, group: 'g', value: 3 }, stale)),
      await failureOf(container.items.upsert({ id: item.id, group: 'g', value: 3 }, stale)),
      await failureOf(item.patch([{ op: 'set', path: '/value', value: 3 }], stale)),
      await failureOf(item.delete(stale)),
    ];
    for (const failure of failures)
      expect(failure).toMatchObject({ code: 412, body: { code: 'PreconditionFailed' } });
    const { resource, etag: fresh } = await item.read<Thing>();
    expect(resource?.value).toBe(2);
    await item.delete({ accessCondition: { type: 'IfMatch', condition: fresh } });
  });

  test('is created with 201 and replaced with 200 by an upsert; If-Match does not prevent a create', async () => {
    const thing = { id: crypto.randomUUID(), group: 'g' };
    const first = await container.items.upsert(thing, {
      accessCondition: { type: 'IfMatch', condition: '"gone"' },
    });
    const second = await container.items.upsert({ ...thing, value: 2 });
    expect([first.statusCode, second.statusCode]).toEqual([201, 200]);
    expect(second.resource?._rid).toBe(first.resource?._rid);
  });

  test('is not sent again when it did not change', async () => {
    const { item, etag } = await create();
    const unchanged = await item.read({ accessCondition: { type: 'IfNoneMatch', condition: etag } });
    expect(unchanged.statusCode).toBe(304);
    expect(unchanged.resource).toBeNull();
    const changed = await item.read({ accessCondition: { type: 'IfNoneMatch', condition: '"other"' } });
    expect(changed.statusCode).toBe(200);
  });

  test('is upserted under If-None-Match only if it is missing or has another version', async () => {
    const thing = { id: crypto.randomUUID(), group: 'g' };
    const unless = (condition: string) => ({ accessCondition: { type: 'IfNoneMatch', condition } });
    const first = await container.items.upsert({ ...thing, value: 1 }, unless('*'));
    expect(first.statusCode).toBe(201);
    expect(await failureOf(container.items.upsert({ ...thing, value: 2 }, unless('*')))).toMatchObject({
      code: 412,
      body: { code: 'PreconditionFailed' },
    });
    expect(await failureOf(container.items.upsert({ ...thing, value: 2 }, unless(first.etag)))).toMatchObject(
      { code: 412 },
    );
    expect((await container.item(thing.id, 'g').read<Thing>()).resource?.value).toBe(1);
    expect((await container.items.upsert({ ...thing, value: 3 }, unless('"another"'))).statusCode).toBe(200);
  });

  test('is created by one of 20 writers that upsert it only if it is missing', async () => {
    const id = crypto.randomUUID();
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, (_, number) =>
        container.items.upsert(
          { id, group: 'g', number },
          { accessCondition: { type: 'IfNoneMatch', condition: '*' } },
        ),
      ),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('is answered with 404 when it is missing', async () => {
    const missing = container.item('nobody', 'g');
    expect(await missing.read()).toMatchObject({ statusCode: 404, resource: undefined });
    for (const call of [
      missing.replace({ id: 'nobody', group: 'g' }),
      missing.delete(),
      missing.patch([{ op: 'set', path: '/a', value: 1 }]),
    ]) {
      expect(await failureOf(call)).toMatchObject({ code: 404, body: { code: 'NotFound' } });
    }
  });

  test('belongs to its partition: the same id elsewhere is another document', async () => {
    const { item } = await create({ group: 'here', value: 1 });
    await create({ id: item.id, group: 'there', value: 2 });
    await container.item(item.id, 'there').delete();
    expect((await container.item(item.id, 'here').read<Thing>()).resource?.value).toBe(1);
    expect((await container.item(item.id, 'there').read()).statusCode).toBe(404);
  });

  test('may have an id that needs encoding', async () => {
    for (const id of ['with blank', 'prozent%41', 'ümlaut ☂', 'a+b&c=d', 'colon:semi;']) {
      const { item } = await create({ id });
      expect((await item.read<Thing>()).resource?.id).toBe(id);
    }
  });

  test('of each key type is separate, and null differs from undefined', async () => {
    const keys = ['1', 1, true, null, undefined];
    for (const [number, group] of keys.entries())
      await container.items.create({ id: 'typed', ...(group === undefined ? {} : { group }), number });
    for (const [number, group] of keys.entries()) {
      const { resource } = await container.item('typed', group).read<Thing>();
      expect(resource?.['number']).toBe(number);
    }
  });

  test('of 2 MB is refused with 413', async () => {
    const large = { id: 'large', group: 'g', text: 'x'.repeat(2 * 1024 * 1024) };
    expect(await failureOf(container.items.create(large))).toMatchObject({
      code: 413,
      body: { code: 'RequestEntityTooLarge' },
    });
    await container.items.create({ ...large, text: 'x'.repeat(2 * 1024 * 1024 - 1000) });
  });

  test('without an id is refused', async () => {
    const failure = await failureOf(
      container.items.create({ group: 'g' }, { disableAutomaticIdGeneration: true }),
    );
    expect(failure).toMatchObject({ code: 400, body: { code: 'BadRequest' } });
  });

  test('cannot move to another partition', async () => {
    const { item } = await create();
    const failure = await failureOf(item.replace({ id: item.id, group: 'elsewhere' }));
    expect(failure).toMatchObject({ code: 400, substatus: 1001 });
  });
});

describe('a request', () => {
  test('is answered with its charge, its activity id and the session', async () => {
    const { item } = await create();
    const { requestCharge, activityId, headers } = await item.read();
    expect(requestCharge).toBeGreaterThan(0);
    expect(activityId).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers['x-ms-session-token']).toMatch(/^\d+:-?\d+#\d+/);
  });

  test('for a missing container names the missing owner', async () => {
    const failure = await failureOf(
      account.database.container('nowhere').items.query('SELECT * FROM c', { partitionKey: 'g' }).fetchAll(),
    );
    expect(failure.code).toBe(404);
  });
});
