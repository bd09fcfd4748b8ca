import type { Exchange } from '../../wire/exchange.ts';
import { readFaultRule } from '../../wire/fault-schema.ts';
import type { FaultRule } from '../../wire/fault.ts';
import { createFaults } from '../../wire/faults.ts';

const exchange = (change: Partial<Exchange> = {}): Exchange => ({
  service: 'arm',
  method: 'POST',
  path: '/subscriptions/one/failoverCommit?api-version=1',
  headers: {},
  body: Buffer.from('{"a":1}'),
  json: () => ({ a: 1 }),
  ...change,
});
const cut: FaultRule['do'] = { kind: 'cut' };

describe('a fault and its matching exchange', () => {
  const matching: [string, Partial<FaultRule>, boolean][] = [
    ['anything', {}, true],
    ['its service', { service: 'arm' }, true],
    ['another service', { service: 'cosmos' }, false],
    ['its method, in any case', { method: 'post' }, true],
    ['another method', { method: 'GET' }, false],
    ['a path in another case', { path: 'FAILOVERCOMMIT' }, true],
    ['another path', { path: 'unplanned' }, false],
    ['a body', { body: '"A":\\s*1' }, true],
    ['another body', { body: '"b"' }, false],
  ];
  test.each(matching)('%s', (_name, rule, met) => {
    const faults = createFaults();
    faults.add({ id: 'one', point: 'received', do: cut, ...rule });
    expect(faults.takeAction('received', exchange())).toBe(met ? cut : undefined);
    expect(faults.takeAction('applied', exchange())).toBeUndefined();
  });
});

test('skips exchanges, acts a limited number of times, and counts both', () => {
  const faults = createFaults();
  faults.add({ id: 'one', point: 'received', skip: 1, times: 2, do: cut });
  const taken = Array.from({ length: 5 }, () => faults.takeAction('received', exchange()) !== undefined);
  expect(taken).toEqual([false, true, true, false, false]);
  expect(faults.list()).toMatchObject([{ id: 'one', seen: 5, acted: 2 }]);
});

test('a used-up rule lets the next rule act', () => {
  const faults = createFaults();
  faults.add({ id: 'one', point: 'received', times: 1, do: cut });
  faults.add({ id: 'two', point: 'received', do: { kind: 'status', status: 500 } });
  expect([1, 2].map(() => faults.takeAction('received', exchange())?.kind)).toEqual(['cut', 'status']);
});

test('chance comes from the seed, the same each time', () => {
  const drawn = (seed: number): boolean[] => {
    const faults = createFaults();
    faults.add({ id: 'one', point: 'received', chance: 0.3, seed, do: cut });
    return Array.from({ length: 400 }, () => faults.takeAction('received', exchange()) !== undefined);
  };
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7)).not.toEqual(drawn(8));
  const share = drawn(7).filter(Boolean).length / 400;
  expect(share).toBeGreaterThan(0.2);
  expect(share).toBeLessThan(0.4);
});

test('a rule with a used id replaces the older rule, its counts and its hold', async () => {
  const faults = createFaults();
  const hold: FaultRule['do'] = { kind: 'hold' };
  faults.add({ id: 'one', point: 'received', do: hold });
  faults.takeAction('received', exchange());
  const removed = faults.whenRemoved(hold);
  faults.add({ id: 'one', point: 'received', do: cut });
  await removed;
  expect(faults.list()).toMatchObject([{ seen: 0, do: cut }]);
});

test('an action that is impossible at its point is refused', () => {
  const faults = createFaults();
  expect(() => faults.add({ id: 'one', point: 'answered', do: { kind: 'status', status: 500 } })).toThrow(
    'At "answered" a fault can be one of cut, kill; "status" cannot.',
  );
  expect(() => faults.add({ id: 'one', point: 'received', do: { kind: 'stick' } })).toThrow('"stick" cannot');
  expect(() => faults.add({ id: 'one', point: 'received', path: '(', do: cut })).toThrow(
    'Invalid regular expression',
  );
  expect(faults.list()).toEqual([]);
});

describe('a rule for one machine', () => {
  const meets = (rule: Partial<FaultRule>, change: Partial<Exchange>, subject?: string): boolean => {
    const faults = createFaults();
    faults.add({ id: 'one', point: 'received', do: cut, ...rule });
    return faults.takeAction('received', exchange(change), subject) !== undefined;
  };

  test.each([
    ['/x/virtualMachines/Web?api-version=1', true],
    ['/x/virtualMachines/web/deallocate?api-version=1', true],
    ['/x/replicationProtectedItems/web', true],
    ['/x/virtualMachines/web-2', false],
    ['/x/networkInterfaces/web', false],
  ])('matches by its path: %s', (path, met) => expect(meets({ vm: 'web' }, { path })).toBe(met));

  test('matches by the body, or by the subject of an operation', () => {
    const body = Buffer.from('{"properties":{"replicationProtectedItemName": "web"}}');
    expect(meets({ vm: 'web' }, { body })).toBe(true);
    expect(meets({ vm: 'we' }, { body })).toBe(false);
    expect(meets({ vm: 'web' }, {}, 'WEB')).toBe(true);
    expect(meets({ vm: 'web' }, { body }, 'app')).toBe(false);
  });
});

describe('a window of simulated time', () => {
  const began = Date.UTC(2026, 0, 5, 8);
  test.each([
    ['2026-01-05T09:00:00Z', '2026-01-05T10:00:00Z'],
    [3600, 7200],
  ])('applies from %s until %s', (from, until) => {
    let now = began;
    const faults = createFaults(
      () => now,
      () => began,
    );
    faults.add({ id: 'one', point: 'received', from, until, do: cut });
    faults.add({ id: 'two', point: 'standing', from, until, do: { kind: 'regionDark', region: 'eastasia' } });
    const seen = [0, 3_599_999, 3_600_000, 7_199_999, 7_200_000].map((after) => {
      now = began + after;
      return [
        faults.takeAction('received', exchange()) !== undefined,
        faults.activeConditions().length === 1,
      ];
    });
    expect(seen).toEqual([
      [false, false],
      [false, false],
      [true, true],
      [true, true],
      [false, false],
    ]);
  });
});

test('an active condition is listed with its machine while its rule exists', () => {
  const faults = createFaults();
  faults.add({ id: 'dark', point: 'standing', do: { kind: 'regionDark', region: 'eastasia' } });
  faults.add({ id: 'off', point: 'standing', vm: 'web', do: { kind: 'deallocated' } });
  expect(faults.activeConditions()).toEqual([
    { kind: 'regionDark', region: 'eastasia' },
    { kind: 'deallocated', vm: 'web' },
  ]);
  faults.remove('dark');
  expect(faults.activeConditions()).toEqual([{ kind: 'deallocated', vm: 'web' }]);
  expect(() => faults.add({ id: 'who', point: 'standing', do: { kind: 'deallocated' } })).toThrow(
    'names no machine',
  );
  expect(() =>
    faults.add({ id: 'where', point: 'received', do: { kind: 'deallocated' }, vm: 'web' }),
  ).toThrow('"deallocated" cannot');
});

test('a colleague acts once, at the set time or now, or just before the answer to a request', () => {
  const began = Date.UTC(2026, 0, 5, 8);
  let now = began;
  const faults = createFaults(
    () => now,
    () => began,
  );
  faults.add({
    id: 'later',
    point: 'standing',
    vm: 'web',
    from: 600,
    do: { kind: 'colleague', operation: 'unplannedFailover' },
  });
  faults.add({
    id: 'twice',
    point: 'standing',
    vm: 'app',
    times: 2,
    do: { kind: 'colleague', operation: 'testFailover' },
  });
  expect(
    [faults.takePortalActions(), faults.takePortalActions(), faults.takePortalActions()].map((deeds) =>
      deeds.map(({ rule }) => rule),
    ),
  ).toEqual([['twice'], ['twice'], []]);
  now = began + 700_000;
  expect([faults.takePortalActions(), faults.takePortalActions()]).toEqual([
    [{ rule: 'later', vm: 'web', operation: 'unplannedFailover', at: began + 600_000 }],
    [],
  ]);
  faults.add({
    id: 'never',
    point: 'standing',
    vm: 'sql',
    chance: 0,
    do: { kind: 'colleague', operation: 'remove' },
  });
  faults.add({
    id: 'asked',
    point: 'meanwhile',
    method: 'POST',
    vm: 'web',
    times: 1,
    do: { kind: 'colleague', operation: 'failoverCommit' },
  });
  expect(faults.takePortalActions()).toEqual([]);
  expect(faults.list().find(({ id }) => id === 'asked')).toMatchObject({ seen: 0 });
  expect(() =>
    faults.add({ id: 'who', point: 'standing', do: { kind: 'colleague', operation: 'remove' } }),
  ).toThrow('names no machine for the colleague');
  expect(() =>
    faults.add({ id: 'where', point: 'received', vm: 'web', do: { kind: 'colleague', operation: 'remove' } }),
  ).toThrow('"colleague" cannot');
  expect(
    readFaultRule({
      id: 'what',
      point: 'standing',
      vm: 'web',
      do: { kind: 'colleague', operation: 'explode' },
    }),
  ).toHaveProperty('wrong');
});

test('a machine is found under every name that requests use', () => {
  const faults = createFaults();
  faults.addMachineAliases((vm) => (vm === 'web' ? ['7f6c'] : []));
  faults.add({ id: 'one', point: 'received', vm: 'web', do: cut });
  const at = (item: string) =>
    faults.takeAction(
      'received',
      exchange({ path: `/x/replicationProtectedItems/${item}/unplannedFailover` }),
    );
  expect([at('7f6c'), at('web'), at('7f6d')]).toEqual([cut, cut, undefined]);
});
