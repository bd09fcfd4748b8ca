// Checks that docs/events.md describes each event and shows real content.
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

test('the page documents each existing event exactly once [TRG-5]', () => {
  expect(DOCUMENTED_EVENTS.map(({ type }) => type).sort()).toEqual(
    [...Object.values(EventName), 'lifeboat.test'].sort(),
  );
});

test('each example equals the sent event byte for byte, and the page describes each field [TRG-5]', () => {
  const sent = new Map(makeExampleEvents().map((event) => [event.type, event]));
  expect(sent.size).toBe(Object.values(EventName).length);
  for (const { type, example } of DOCUMENTED_EVENTS.filter(
    (documentedEvent) => documentedEvent.example !== null,
  ))
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

test('the event gives only the address of a page that is too long for a message [TRG-5]', () => {
  const described = {
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
  // Each quotation mark takes two bytes in JSON.
  expect(
    [74_000, 76_000].map((signs) => runbookEventData(described, 'Shop', '"'.repeat(signs))),
  ).toMatchObject([
    { text: expect.any(String) as string },
    { text: null, address: '/api/v1/plans/shop/runbook', digest: 'd' },
  ]);
});
