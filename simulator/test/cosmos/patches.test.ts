import type { Container, PatchRequestBody } from '@azure/cosmos';
import { failureOf, openAccount, type TestAccount } from './account.ts';

let account: TestAccount;
let container: Container;

beforeAll(async () => {
  account = await openAccount();
  container = await account.createContainer({ partitionKey: { paths: ['/owner/group'] } });
});
afterAll(() => account.close());

/** Includes operations that the SDK's types lack, such as `move`. */
interface Step {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}
type Patch = Step[] | { condition: string; operations: Step[] };

const START = {
  owner: { group: 'g', name: 'Ada' },
  count: 5,
  text: 'old',
  list: ['a', 'b', 'c'],
  nested: { deep: { value: 1 } },
  nothing: null,
};

/** Returns the document after the patch, without system properties. */
async function patched(body: Patch): Promise<Record<string, unknown>> {
  const { item } = await container.items.create({ id: crypto.randomUUID(), ...START });
  const { resource } = await item.patch<Record<string, unknown>>(body as PatchRequestBody);
  const { resource: read } = await item.read<Record<string, unknown>>();
  expect(read).toEqual(resource);
  return Object.fromEntries(
    Object.entries(read ?? {}).filter(([name]) => name !== 'id' && !name.startsWith('_')),
  );
}

describe('a patch', () => {
  test.each<[string, Patch, object]>([
    ['adds a property', [{ op: 'add', path: '/extra', value: { a: 1 } }], { ...START, extra: { a: 1 } }],
    ['adds over an existing value', [{ op: 'add', path: '/text', value: 'new' }], { ...START, text: 'new' }],
    [
      'adds into an array, moving the rest',
      [{ op: 'add', path: '/list/1', value: 'x' }],
      { ...START, list: ['a', 'x', 'b', 'c'] },
    ],
    [
      'adds at the end of an array',
      [
        { op: 'add', path: '/list/-', value: 'x' },
        { op: 'add', path: '/list/4', value: 'y' },
      ],
      { ...START, list: ['a', 'b', 'c', 'x', 'y'] },
    ],
    [
      'sets an element of an array',
      [{ op: 'set', path: '/list/1', value: 'x' }],
      { ...START, list: ['a', 'x', 'c'] },
    ],
    [
      'sets a deep value',
      [{ op: 'set', path: '/nested/deep/other', value: null }],
      { ...START, nested: { deep: { value: 1, other: null } } },
    ],
    ['replaces', [{ op: 'replace', path: '/nested/deep', value: [] }], { ...START, nested: { deep: [] } }],
    [
      'removes',
      [
        { op: 'remove', path: '/nested' },
        { op: 'remove', path: '/list/0' },
      ],
      { ...START, nested: undefined, list: ['b', 'c'] },
    ],
    [
      'increments, also a missing value',
      [
        { op: 'incr', path: '/count', value: -2 },
        { op: 'incr', path: '/fresh', value: 1.5 },
      ],
      { ...START, count: 3, fresh: 1.5 },
    ],
    [
      'moves',
      [{ op: 'move', from: '/text', path: '/nested/text' }],
      { ...START, text: undefined, nested: { deep: { value: 1 }, text: 'old' } },
    ],
    [
      'performs its operations in order',
      [
        { op: 'set', path: '/map', value: {} },
        { op: 'set', path: '/map/a', value: 1 },
        { op: 'incr', path: '/map/a', value: 1 },
      ],
      { ...START, map: { a: 2 } },
    ],
    ['reads escaped names', [{ op: 'set', path: '/a~1b~0c', value: 1 }], { ...START, 'a/b~c': 1 }],
    [
      'is performed under a true condition',
      {
        condition: 'FROM c WHERE c.count = 5 AND IS_NULL(c.nothing)',
        operations: [{ op: 'set', path: '/count', value: 6 }],
      },
      { ...START, count: 6 },
    ],
  ])('%s', async (_, body, wanted) => {
    expect(await patched(body)).toEqual(wanted);
  });

  test.each<[string, number, Patch]>([
    [
      'with a false condition',
      412,
      { condition: 'FROM c WHERE c.count = 6', operations: [{ op: 'set', path: '/count', value: 6 }] },
    ],
    [
      'with an undefined condition',
      412,
      { condition: 'FROM c WHERE c.missing < 6', operations: [{ op: 'set', path: '/count', value: 6 }] },
    ],
    [
      'with an invalid condition',
      400,
      { condition: 'WHERE c.count = 6', operations: [{ op: 'set', path: '/count', value: 6 }] },
    ],
    ['that replaces nothing', 400, [{ op: 'replace', path: '/missing', value: 1 }]],
    ['that removes nothing', 400, [{ op: 'remove', path: '/missing' }]],
    ['beyond the end of an array', 400, [{ op: 'add', path: '/list/7', value: 1 }]],
    ['that sets a missing element', 400, [{ op: 'set', path: '/list/3', value: 1 }]],
    ['below a missing value', 400, [{ op: 'add', path: '/missing/deep', value: 1 }]],
    ['that increments a text', 400, [{ op: 'incr', path: '/text', value: 1 }]],
    ['of the id', 400, [{ op: 'set', path: '/id', value: 'other' }]],
    ['of the partition key', 400, [{ op: 'set', path: '/owner/group', value: 'other' }]],
    ['of the object with the partition key', 400, [{ op: 'remove', path: '/owner' }]],
    [
      'that moves something over the partition key',
      400,
      [{ op: 'move', from: '/text', path: '/owner/group' }],
    ],
    [
      'of more than ten operations',
      400,
      Array.from({ length: 11 }, () => ({ op: 'incr', path: '/count', value: 1 })),
    ],
    ['of no operations', 400, []],
    ['with an unknown operation', 400, [{ op: 'test', path: '/count', value: 5 }]],
  ])('%s is refused, and nothing changes', async (_, code, body) => {
    const { item, resource } = await container.items.create({ id: crypto.randomUUID(), ...START });
    expect(await failureOf(item.patch(body as PatchRequestBody))).toMatchObject({ code });
    // Even a valid first operation has no effect.
    if (Array.isArray(body) && body.length > 0 && body.length < 10) {
      expect(
        await failureOf(
          item.patch([{ op: 'set', path: '/text', value: 'new' }, ...body] as PatchRequestBody),
        ),
      ).toMatchObject({ code });
    }
    expect((await item.read()).resource).toEqual(resource);
  });
});
