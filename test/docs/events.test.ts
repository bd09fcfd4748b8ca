// docs/events.md tells of each event that there is, and shows what is really sent.
import { News } from '../../shared/outbox/rules/events.ts';
import { newsOfRunbook } from '../../shared/runs/runbook.ts';
import { SCHEMA } from '../../shared/store/schema.ts';
import { DOCUMENTED, mustBeDocumented, mustPassSdk } from '../support/documented.ts';
import { examples } from '../support/event-examples.ts';

beforeAll(() => {
  Object.assign(process.env, {
    LIFEBOAT_COSMOS_ENDPOINT: 'https://cosmos.example',
    LIFEBOAT_TENANT_ID: '5d9f3a1e-6b2c-4f70-8a14-9c3e7d2b5f60',
    LIFEBOAT_AUDIENCE: 'a',
    LIFEBOAT_ADDRESS: '',
    LIFEBOAT_VAULTS: '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v',
  });
});

test('[TRG-5] the events that are documented are those that there are, each once', () => {
  expect(DOCUMENTED.map(({ type }) => type).sort()).toEqual([...Object.values(News), 'lifeboat.test'].sort());
});

test('[TRG-5] each example is what is sent, byte for byte, and each field of it is told', () => {
  const sent = new Map(examples().map((event) => [event.type, event]));
  expect(sent.size).toBe(Object.values(News).length);
  for (const { type, example } of DOCUMENTED.filter((one) => one.example !== null))
    expect(JSON.stringify(example)).toBe(JSON.stringify(sent.get(type as News)));
  expect(DOCUMENTED.filter(({ example }) => example === null).map(({ type }) => type)).toEqual([
    'lifeboat.test',
  ]);
  mustBeDocumented([...sent.values()]);
});

test('the SDK of CloudEvents accepts an event of each type and refuses a wrong one [TRG-5]', () => {
  for (const event of examples()) {
    mustPassSdk(event);
    for (const wrong of [
      { ...event, source: undefined },
      { ...event, type: '' },
      { ...event, time: 'yesterday' },
      { ...event, Sequence: event.sequence },
    ])
      expect(() => mustPassSdk(wrong as typeof event)).toThrow();
  }
});

test('[TRG-5] a page that is too long for a message is told by its address alone', () => {
  const told = {
    id: 'runbook',
    type: 'runbook',
    schema: SCHEMA,
    jobId: 'runbook-shop',
    planId: 'shop',
    version: 3,
    fingerprint: 'f',
    digest: 'd',
    madeAt: 'm',
    seenAt: 's',
    count: 1,
  } as const;
  // Each sign stands in JSON as two bytes.
  expect([74_000, 76_000].map((signs) => newsOfRunbook(told, 'Shop', '"'.repeat(signs)))).toMatchObject([
    { text: expect.any(String) as string },
    { text: null, address: '/api/v1/plans/shop/runbook', digest: 'd' },
  ]);
});
