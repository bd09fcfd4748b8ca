// docs/events.md tells of each event that there is, and shows what is really sent.
import { EventName } from '../../shared/outbox/rules/events.ts';
import { runbookEventData } from '../../shared/runs/publishRunbook.ts';
import { SCHEMA_VERSION } from '../../shared/store/schema.ts';
import {
  DOCUMENTED_EVENTS,
  assertDocumentedEvents,
  assertValidCloudEvent,
} from '../support/documented-events.ts';
import { makeExampleEvents } from '../support/event-examples.ts';

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
  expect(DOCUMENTED_EVENTS.map(({ type }) => type).sort()).toEqual(
    [...Object.values(EventName), 'lifeboat.test'].sort(),
  );
});

test('[TRG-5] each example is what is sent, byte for byte, and each field of it is told', () => {
  const sent = new Map(makeExampleEvents().map((event) => [event.type, event]));
  expect(sent.size).toBe(Object.values(EventName).length);
  for (const { type, example } of DOCUMENTED_EVENTS.filter((one) => one.example !== null))
    expect(JSON.stringify(example)).toBe(JSON.stringify(sent.get(type as EventName)));
  expect(DOCUMENTED_EVENTS.filter(({ example }) => example === null).map(({ type }) => type)).toEqual([
    'lifeboat.test',
  ]);
  assertDocumentedEvents([...sent.values()]);
});

test('the SDK of CloudEvents accepts an event of each type and refuses a wrong one [TRG-5]', () => {
  for (const event of makeExampleEvents()) {
    assertValidCloudEvent(event);
    for (const wrong of [
      { ...event, source: undefined },
      { ...event, type: '' },
      { ...event, time: 'yesterday' },
      { ...event, Sequence: event.sequence },
    ])
      expect(() => assertValidCloudEvent(wrong as typeof event)).toThrow();
  }
});

test('[TRG-5] a page that is too long for a message is told by its address alone', () => {
  const told = {
    id: 'runbook',
    type: 'runbook',
    schema: SCHEMA_VERSION,
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
  expect([74_000, 76_000].map((signs) => runbookEventData(told, 'Shop', '"'.repeat(signs)))).toMatchObject([
    { text: expect.any(String) as string },
    { text: null, address: '/api/v1/plans/shop/runbook', digest: 'd' },
  ]);
});
