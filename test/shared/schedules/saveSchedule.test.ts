// A due start that still waits, while a person saves or removes its schedule. The app always
// records its result.
import { clock } from '../../../shared/core/clock.ts';
import { fingerprintOf } from '../../../shared/core/ids.ts';
import { decideDueStarts, jitterOf } from '../../../shared/schedules/decideStarts.ts';
import { deleteSchedule, saveSchedule } from '../../../shared/schedules/saveSchedule.ts';
import { Plan } from '../../../shared/plans/rules/plan.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import type { PlanDocument } from '../../../shared/plans/documents.ts';
import type { ScheduleDocument } from '../../../shared/schedules/documents.ts';
import { readOccurrencePage, saveScheduleDocument, readSchedule } from '../../../shared/schedules/store.ts';
import { savePlan } from '../../../shared/plans/store.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

const PLAN = 'shop';
const MINUTE = 60_000;
const OPERATOR: Caller = { id: 'otto', tenant: 't', name: 'otto', roles: ['Operator'], door: 'rest' };

let store: SimulatedStore;
beforeAll(async () => {
  store = await startSimulatedStore();
  const plan = Plan.parse({
    name: 'Shop',
    runs: { failover: [{ name: 'all', vms: [`vm-${'a'.repeat(26)}`] }] },
  });
  const document: PlanDocument = {
    id: 'plan',
    type: 'plan',
    schema: SCHEMA_VERSION,
    planId: PLAN,
    origin: { kind: 'own', by: OPERATOR },
    version: 1,
    fingerprint: fingerprintOf(plan),
    plan,
    warnings: [],
    savedAt: new Date(0).toISOString(),
  };
  expect(await savePlan(document, undefined)).toBe(true);
});
afterAll(() => store.close());

const readNow = async (): Promise<number> => (await clock().now()).getTime();
const iso = (moment: number): string => new Date(moment).toISOString();

/** Due in three minutes, and then each day. */
async function dueSoon(change: object = {}) {
  const due = Math.ceil(((await readNow()) + 3 * MINUTE) / MINUTE) * MINUTE;
  const at = new Date(due);
  const cron = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`;
  return { due, schedule: { cron, timeZone: 'UTC', command: { operation: 'testFailover' }, ...change } };
}
const save = (id: string, schedule: object, version?: number) =>
  saveSchedule(PLAN, id, schedule, version === undefined ? null : `"${version}"`, OPERATOR);
const outcomes = async (id: string) =>
  (await readOccurrencePage(PLAN, id, 50)).items.map(({ due, outcome, how, code, scheduleVersion }) => ({
    due,
    outcome,
    how,
    code,
    scheduleVersion,
  }));
/** Runs one pass of the timer. */
async function runTimer(id: string): Promise<void> {
  const schedule = await readSchedule(PLAN, id);
  if (schedule) await decideDueStarts(schedule, await clock().now());
}
/** An id with a share of the jitter of at least half. */
function idWithLateShare(name: string, due: number): string {
  const ids = Array.from({ length: 100 }, (_, i) => `${name}-${i}`);
  return ids.find((scheduleId) => jitterOf({ planId: PLAN, scheduleId }).share(due) > 0.5) ?? '';
}

/** Three minutes after the due time, the start waits for its jitter. */
async function waitingForJitter(name: string) {
  const { due, schedule } = await dueSoon({ jitterMinutes: 60 });
  const id = idWithLateShare(name, due);
  const made = await save(id, schedule);
  await store.advance((due + 3 * MINUTE - (await readNow())) / 1000);
  await runTimer(id);
  expect(await outcomes(id)).toEqual([]);
  return { id, due, schedule, begin: made.nextAt ?? '' };
}

test('a save during the jitter keeps the time of a start, with the new version [TRG-3]', async () => {
  const { id, due, schedule, begin } = await waitingForJitter('carried');
  const changed = await save(
    id,
    { ...schedule, command: { operation: 'testFailover', reason: 'changed' } },
    1,
  );
  expect(changed).toMatchObject({ version: 2, nextAt: begin });
  await store.advance((Date.parse(begin) - (await readNow())) / 1000);
  await runTimer(id);
  expect(await outcomes(id)).toEqual([
    { due: iso(due), outcome: 'starting', how: 'started', code: null, scheduleVersion: 2 },
  ]);
});

test.each([
  [
    'saved with other times',
    'ScheduleChanged',
    (id: string, schedule: object) => save(id, { ...schedule, cron: '0 0 1 1 *' }, 1),
  ],
  [
    'switched off',
    'ScheduleChanged',
    (id: string, schedule: object) => save(id, { ...schedule, enabled: false }, 1),
  ],
  ['removed', 'ScheduleRemoved', (id: string) => deleteSchedule(PLAN, id, '"1"')],
] as const)(
  'a schedule that is %s during the jitter: the app records its start as missed, with the reason [TRG-3]',
  async (how, code, act) => {
    const { id, due, schedule } = await waitingForJitter(how.replaceAll(' ', '-'));
    await expect(
      saveSchedule(PLAN, id, { ...schedule, cron: 'never' }, '"1"', OPERATOR),
    ).rejects.toMatchObject({
      code: 'Invalid',
    });
    await expect(deleteSchedule(PLAN, id, '"7"')).rejects.toMatchObject({ status: 412 });
    expect(await outcomes(id)).toEqual([]);
    await act(id, schedule);
    expect(await outcomes(id)).toEqual([
      { due: iso(due), outcome: 'missed', how: null, code, scheduleVersion: 1 },
    ]);
  },
);

test('a save during a blackout keeps the waiting start, unless the times change [TRG-3]', async () => {
  const { due, schedule } = await dueSoon({ catchUpMinutes: 240 });
  const dark = {
    ...schedule,
    blackouts: [{ from: iso(due + MINUTE), to: iso(due + 60 * MINUTE), reason: 'billing' }],
  };
  for (const id of ['dark', 'dark-changed']) await save(id, dark);
  // No timer runs before the start of the blackout.
  await store.advance((due + 10 * MINUTE - (await readNow())) / 1000);
  await save('dark', { ...dark, timeToLiveMinutes: 30 }, 1);
  await save('dark-changed', { ...dark, cron: '0 0 1 1 *' }, 1);
  expect(await outcomes('dark')).toEqual([]);
  expect(await outcomes('dark-changed')).toMatchObject([
    { due: iso(due), outcome: 'missed', code: 'ScheduleChanged' },
  ]);
  await store.advance(60 * 60);
  await runTimer('dark');
  expect(await outcomes('dark')).toMatchObject([
    { due: iso(due), outcome: 'starting', how: 'caughtUp', scheduleVersion: 2 },
  ]);
});

test('a disabled schedule keeps no old starts for the time after it is enabled again [TRG-3]', async () => {
  const { schedule } = await dueSoon();
  await save('off', { ...schedule, enabled: false });
  await store.advance(10 * 60);
  const on: ScheduleDocument = await save('off', schedule, 1);
  expect(Date.parse(on.decidedUpTo)).toBe(await readNow());
  await runTimer('off');
  expect(await outcomes('off')).toEqual([]);
});

test('timer passes decide the starts of a drill of thousands of VMs batch by batch [TRG-3]', async () => {
  const { schedule } = await dueSoon({ cron: '0 * * * *' });
  await save('many', schedule);
  const saved = await readSchedule(PLAN, 'many');
  if (!saved) throw new Error('The schedule was not saved.');
  const vms = Array.from({ length: 5000 }, (_, i) => `vm-${String(i).padStart(26, 'a')}`);
  const yesterday = iso((await readNow()) - 24 * 60 * MINUTE);
  const command = { operation: 'testFailover', vms, adopt: false, recoveryPoint: 'latestProcessed' } as const;
  expect(
    await saveScheduleDocument({ ...saved, command, decidedUpTo: yesterday, nextAt: yesterday }, saved, []),
  ).toBe(true);
  for (let passes = 0; passes < 5; passes++) await runTimer('many');
  expect(await outcomes('many')).toHaveLength(24);
});
