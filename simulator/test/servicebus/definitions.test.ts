// Definitions of entities: the broker reports mistakes at the start.

import { parseDurationMs } from '../../servicebus/duration.ts';
import { createEntityDirectory, readEntities } from '../../servicebus/entities.ts';

test.each([
  [{ queues: [{ name: 'q', lockDuration: '60' }] }, /lockDuration/],
  [{ queues: [{ name: '$q' }] }, /name/],
  [{ queues: [{ name: 'q', maxDeliveries: 3 }] }, /maxDeliveries/],
  [{ queues: [{ name: 'q', forwardTo: 'other' }] }, /forwardTo/],
  [
    { topics: [{ name: 't', subscriptions: [{ name: 's', rules: [{ name: 'r', filterType: 'Other' }] }] }] },
    /filterType/,
  ],
])('%j is refused', (entities, message) => {
  expect(() => readEntities(entities)).toThrow(message);
});

test('two entities with the same name, in any case, are refused', () => {
  expect(() =>
    createEntityDirectory({ queues: [{ name: 'same' }], topics: [{ name: 'Same' }] }, () => 1),
  ).toThrow('There are two entities named Same.');
});

test.each([
  ['PT1M', 60_000],
  ['PT0.5S', 500],
  ['P1DT2H3M4S', 93_784_000],
  ['P14D', 1_209_600_000],
  ['P10675199DT2H48M5.4775807S', Infinity],
])('%s is %d ms', (text, expected) => {
  expect(parseDurationMs(text, 0)).toBe(expected);
});

test.each(['P', 'PT', '1M', 'P1M', 'PT1X'])('%s is no duration', (text) => {
  expect(() => parseDurationMs(text, 0)).toThrow(/no duration/);
});
