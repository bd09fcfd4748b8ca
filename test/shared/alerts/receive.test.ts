// The identity of an alert. Only its sender can end it. A new firing after its end gets a new
// decision.
import { processAlert } from '../../../shared/alerts/processAlerts.ts';
import { receiveAlert, type AlertSender } from '../../../shared/alerts/receive.ts';
import { checkAndSaveRule } from '../../../shared/alerts/alertRules.ts';
import type { Alert } from '../../../shared/alerts/rules/alert.ts';
import { alertChangeOf } from '../../../shared/alerts/rules/alertChange.ts';
import { legacyAlertIdOf } from '../../../shared/core/ids.ts';
import { refreshVaults } from '../../../shared/replications/refreshVaults.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import { createAlert, readDecisionPage, readAlert, saveAlert } from '../../../shared/alerts/store.ts';
import { createDocument } from '../../../shared/store/cosmos.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import { readAllVms } from '../../../shared/replications/registry.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const OWNER: Caller = { id: 'olga', tenant: 't', name: 'olga', roles: ['Owner'], door: 'rest' };
const makeSender = (sender: string, id = sender): AlertSender => ({ id, name: id, senderKey: sender });
const [K1, K2, MONITOR] = [
  makeSender('key:k1'),
  makeSender('key:k2'),
  makeSender('caller:monitor', 'monitor'),
] as const;
const START = Date.parse('2026-01-05T08:00:00Z');
const minute = (count: number): string => new Date(START + count * 60_000).toISOString();
const alert = (id: string, fired = 0, over: number | null = null, change: Partial<Alert> = {}): Alert => ({
  source: 'generic',
  id,
  name: 'dark',
  severity: 1,
  signal: 's',
  description: 'for people only',
  resources: [],
  regions: ['eastasia'],
  dimensions: {},
  firedAt: minute(fired),
  resolvedAt: over === null ? null : minute(over),
  ...change,
});

let store: SimulatedStore;
let vm: string;
beforeAll(async () => {
  store = await startSimulatedStore(2, { LIFEBOAT_SERVICEBUS: '', LIFEBOAT_ALERT_STALE_MINUTES: '43200' });
  await refreshVaults();
  vm = (await readAllVms()).find(({ name }) => name === 'web')?.id ?? '';
});
afterAll(() => store.close());

/** The rule only reports its possible starts, so it decides about each alert alone. */
const rule = (name: string, more: object = {}) =>
  checkAndSaveRule(
    name,
    { when: { names: [name] }, dryRun: true, command: { operation: 'failover', vms: [vm] }, ...more },
    null,
    OWNER,
  );
const decisions = async (name: string) =>
  (await readDecisionPage(name, 100)).items.map(({ alert: { id }, verdict }) => [id, verdict]).reverse();
const warnings: string[] = [];
async function receiveAndProcess(reported: Alert, by: AlertSender) {
  const taken = await receiveAlert(reported, by);
  await processAlert(
    taken,
    () => Promise.resolve(),
    (message) => warnings.push(message),
  );
  expect(warnings).toEqual([]);
  return taken;
}

test.each<[string, readonly [number, number | null], readonly [number, number | null], string]>([
  ['the same once more', [0, null], [0, null], 'repeated'],
  ['the same, with the present time', [0, null], [5, null], 'repeated'],
  ['its end', [0, null], [0, 5], 'over'],
  ['its end at the time of its firing', [0, null], [0, 0], 'over'],
  ['the end of an earlier firing', [10, null], [0, 5], 'repeated'],
  ['its end once more', [0, 5], [0, 5], 'repeated'],
  ['a late firing of an ended alert', [0, 5], [0, null], 'repeated'],
  ['a late firing with a time before the end', [0, 5], [4, null], 'repeated'],
  ['a firing at the time of the end', [0, 5], [5, null], 'again'],
  ['a firing after the end', [0, 5], [60, null], 'again'],
  ['a firing after the end that has ended too', [0, 5], [60, 65], 'again'],
  ['the only firing of an alert without a duration', [0, 0], [0, null], 'repeated'],
])('%s [TRG-4]', (_what, [fired, over], [thenFired, thenOver], expected) => {
  expect(alertChangeOf(alert('a', fired, over), alert('a', thenFired, thenOver))).toBe(expected);
});

test('only the sender can end an alert, with any of its keys [TRG-4]', async () => {
  await rule('theirs', { threshold: { alerts: 3 } });
  const receiveFrom = (by: AlertSender, over: number | null = null) =>
    receiveAndProcess(alert('same', 0, over, { name: 'theirs' }), by);
  const first = await receiveFrom(K2, 5);
  const own = await receiveFrom(K1);
  expect([first.how, own.how, own.id === first.id]).toEqual(['new', 'new', false]);
  expect(await receiveFrom(K2, 6)).toEqual({ id: first.id, how: 'repeated' });
  expect((await receiveFrom(MONITOR)).how).toBe('new');
  expect((await readAlert(own.id))?.alert.resolvedAt).toBeNull();
  expect(await receiveFrom({ ...K1, id: 'key:k1/2' })).toEqual({ id: own.id, how: 'repeated' });
  // Three senders, and two of their alerts are open: each counts once.
  expect((await readDecisionPage('theirs', 1)).items[0]?.why).toMatch(/^2 of 3 alerts/);
  expect(await receiveFrom({ ...K1, id: 'key:k1/2' }, 7)).toEqual({ id: own.id, how: 'cleared' });
});

test('an alert that fires again after its end gets one new decision [TRG-4]', async () => {
  await rule('again');
  const again = (fired: number, over: number | null = null) =>
    receiveAndProcess(alert('flapping', fired, over, { name: 'again' }), K1);
  const first = await again(0);
  expect([await again(0), await again(0, 5), await again(0)]).toEqual(
    ['repeated', 'cleared', 'repeated'].map((how) => ({ id: first.id, how })),
  );
  const second = await Promise.all([again(60), again(60), again(60)]);
  expect(second.map(({ how }) => how).sort()).toEqual(['new', 'repeated', 'repeated']);
  const id = second[0].id;
  expect(id).not.toBe(first.id);
  expect(await again(0, 5)).toEqual({ id, how: 'repeated' });
  expect(await again(60, 70)).toEqual({ id, how: 'cleared' });
  expect((await again(120, 130)).how).toBe('new');
  expect((await again(120)).how).toBe('repeated');
  expect((await decisions('again')).map(([, verdict]) => verdict)).toEqual([
    'wouldStart',
    'coolingDown',
    'cleared',
  ]);
});

test('after a death between a new firing and its count, the next message finds it [TRG-4]', async () => {
  const first = await receiveAndProcess(alert('counted', 0, 5), K1);
  const second = await receiveAndProcess(alert('counted', 60), K1);
  const head = await readAlert(first.id);
  expect(head?.lives).toBe(2);
  if (head) await saveAlert(head, { lives: 1 });
  expect(await receiveAndProcess(alert('counted', 60, 70), K1)).toEqual({ id: second.id, how: 'cleared' });
});

test('only its sender finds an alert in the older form [TRG-4]', async () => {
  const id = legacyAlertIdOf('generic', 'older');
  const older = {
    id: 'alert',
    type: 'alert',
    schema: 7,
    subject: id,
    alert: alert('older'),
    by: { id: 'key:k1', name: 'k1' },
    receivedAt: minute(0),
    considered: true,
  };
  expect(await createDocument('alerts', older)).toBe(true);
  expect(await readAlert(id)).toMatchObject({ schema: SCHEMA_VERSION, sender: 'key:k1', life: 1, lives: 1 });
  expect((await receiveAndProcess(alert('older', 0, 5), K2)).id).not.toBe(id);
  expect(await receiveAndProcess(alert('older'), K1)).toEqual({ id, how: 'repeated' });
  expect(await receiveAndProcess(alert('older', 0, 5), K1)).toEqual({ id, how: 'cleared' });
  const next = await receiveAndProcess(alert('older', 60), K1);
  expect([next.how, next.id === id, (await readAlert(next.id))?.life]).toEqual(['new', false, 2]);
  const monitors = {
    ...older,
    subject: legacyAlertIdOf('azureMonitor', 'm'),
    alert: alert('m', 0, null, { source: 'azureMonitor' }),
    by: { id: 'monitor', name: 'monitor' },
  };
  expect(await createAlert(monitors as never)).toBe(true);
  expect(await receiveAndProcess(alert('m', 0, null, { source: 'azureMonitor' }), MONITOR)).toEqual({
    id: monitors.subject,
    how: 'repeated',
  });
});

test('in a storm only open thresholds read other alerts, once and without texts [TRG-4]', async () => {
  const stormRule = {
    when: { names: ['storm'] },
    command: { operation: 'failover', vms: [vm] },
    coolDownMinutes: 1440,
  };
  for (const [name, more] of [
    ['one', { dryRun: true }],
    ['three', { threshold: { alerts: 3 }, dryRun: true }],
    ['four', { threshold: { alerts: 4 }, dryRun: true }],
    ['other', { when: { names: ['other'] } }],
  ] as const)
    await checkAndSaveRule(name, { ...stormRule, ...more }, null, OWNER);
  const queryFault = {
    service: 'cosmos',
    path: '/colls/alerts/docs',
    point: 'received',
    do: { kind: 'delay', milliseconds: 0 },
  } as const;
  await store.faults.add({
    ...queryFault,
    id: 'thin',
    body: 'SELECT TOP 1000 c.subject, .*firedAt >= @from',
  });
  await store.faults.add({
    ...queryFault,
    id: 'whole',
    body: 'SELECT (TOP \\d+ )?\\*.*firedAt|description.*firedAt >= @from',
  });
  const now = (await store.now()).getTime();
  for (let i = 0; i < 20; i++)
    await receiveAndProcess(alert(`storm-${i}`, (now - START) / 60_000, null, { name: 'storm' }), K1);
  const asked = Object.fromEntries((await store.faults.list()).map(({ id, acted }) => [id, acted]));
  for (const id of ['thin', 'whole']) await store.faults.remove(id);
  // The rule read four other alerts: two ranges, and the plan of the query again.
  expect(asked['thin']).toBeGreaterThanOrEqual(4);
  expect(asked['thin']).toBeLessThanOrEqual(4 * 3);
  expect(asked['whole']).toBe(0);
  for (const name of ['one', 'three', 'four'])
    expect((await decisions(name)).filter(([, verdict]) => verdict === 'wouldStart')).toHaveLength(1);
  expect((await decisions('four')).map(([, verdict]) => verdict)).toEqual([
    'belowThreshold',
    'belowThreshold',
    'belowThreshold',
    'wouldStart',
    ...Array.from({ length: 16 }, () => 'coolingDown'),
  ]);
});
