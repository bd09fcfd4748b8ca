import type { Container } from '@azure/cosmos';
import { failureOf, openAccount, type TestAccount } from './account.ts';

let account: TestAccount;
let container: Container;
const uniqueKeyPolicy = { uniqueKeys: [{ paths: ['/mail'] }, { paths: ['/name/first', '/name/last'] }] };

beforeAll(async () => {
  account = await openAccount();
  container = await account.createContainer({ uniqueKeyPolicy, defaultTtl: -1 });
});
afterAll(() => account.close());

let numbers = 0;
/** Creates a person with unique values. */
const person = (values: Record<string, unknown> = {}) => {
  numbers += 1;
  return {
    id: `p${numbers}`,
    group: 'g',
    mail: `mail ${numbers}`,
    name: { first: `first ${numbers}`, last: `last ${numbers}` },
    ...values,
  };
};

describe('a unique key', () => {
  test("appears in the container's definition", async () => {
    expect((await container.read()).resource?.uniqueKeyPolicy).toMatchObject(uniqueKeyPolicy);
  });

  test('prevents a second document with its value in a partition, in every kind of write', async () => {
    const first = person();
    const other = person();
    await container.items.create(first);
    await container.items.create(other);
    const taken = { ...other, mail: first.mail };
    const failures = [
      await failureOf(container.items.create(person({ mail: first.mail }))),
      await failureOf(container.items.upsert(person({ mail: first.mail }))),
      await failureOf(container.items.upsert(taken)),
      await failureOf(container.item(other.id, 'g').replace(taken)),
      await failureOf(container.item(other.id, 'g').patch([{ op: 'set', path: '/mail', value: first.mail }])),
    ];
    for (const failure of failures) expect(failure).toMatchObject({ code: 409, body: { code: 'Conflict' } });
    expect(failures[0]?.message).toContain('Unique index constraint violation');
    expect((await container.item(other.id, 'g').read<typeof other>()).resource).toMatchObject(other);
  });

  test('of several paths is unique as a whole', async () => {
    const first = person({ name: { first: 'Ada', last: 'Lovelace' } });
    await container.items.create(first);
    await container.items.create(person({ name: { first: 'Ada', last: 'Byron' } }));
    await container.items.create(person({ name: { first: 'Byron', last: 'Lovelace' } }));
    expect(
      await failureOf(container.items.create(person({ name: { first: 'Ada', last: 'Lovelace' } }))),
    ).toMatchObject({ code: 409 });
  });

  test('applies within one partition only', async () => {
    const first = person();
    await container.items.create(first);
    const other = { ...first, group: 'other' };
    await container.items.create(other);
    for (const one of [first, other])
      expect((await container.item(one.id, one.group).read()).resource).toMatchObject(one);
    expect(await failureOf(container.items.create({ ...other, id: 'another' }))).toMatchObject({ code: 409 });
  });

  test('treats a missing value as a value, which one document may have', async () => {
    const without = () => ({ ...person({ group: 'lacking' }), mail: undefined });
    await container.items.create(without());
    expect(await failureOf(container.items.create(without()))).toMatchObject({ code: 409 });
  });

  test('distinguishes values of two types', async () => {
    await container.items.create(person({ group: 'typed', mail: 1 }));
    await container.items.create(person({ group: 'typed', mail: '1' }));
    expect(await failureOf(container.items.create(person({ group: 'typed', mail: 1.0 })))).toMatchObject({
      code: 409,
    });
  });

  test('is free again after its document changes, is deleted or expires', async () => {
    const first = person();
    await container.items.create(first);
    const isTaken = async (mail: string): Promise<boolean> => {
      const asking = person({ mail });
      const failure = await container.items.create(asking).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) await container.item(asking.id, 'g').delete();
      else expect(failure).toMatchObject({ code: 409 });
      return failure !== undefined;
    };
    expect(await isTaken(first.mail)).toBe(true);
    await container.item(first.id, 'g').replace({ ...first, mail: 'moved' });
    expect([await isTaken(first.mail), await isTaken('moved')]).toEqual([false, true]);
    await container.item(first.id, 'g').delete();
    expect(await isTaken('moved')).toBe(false);
    await container.items.create(person({ mail: 'brief', ttl: 1 }));
    expect(await isTaken('brief')).toBe(true);
    await account.advance(3);
    expect(await isTaken('brief')).toBe(false);
  });

  test('keeps nothing of a failed batch', async () => {
    const first = person({ group: 'batch' });
    await container.items.create(first);
    const next = person({ group: 'batch' });
    const { result } = await container.items.batch(
      [
        { operationType: 'Create', resourceBody: next },
        { operationType: 'Create', resourceBody: person({ group: 'batch', mail: first.mail }) },
      ],
      'batch',
    );
    expect(result?.map(({ statusCode }) => statusCode)).toEqual([424, 409]);
    await container.items.create(person({ group: 'batch', mail: next.mail }));
  });

  test("cannot change after the container's creation", async () => {
    const definition = { id: container.id, partitionKey: { paths: ['/group'], version: 2 as const } };
    expect(
      await failureOf(
        container.replace({ ...definition, uniqueKeyPolicy: { uniqueKeys: [{ paths: ['/other'] }] } }),
      ),
    ).toMatchObject({ code: 400 });
  });
});
