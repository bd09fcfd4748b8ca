// The app decides each start of a schedule once. One instance claims the start, and it becomes one
// job.
import { createGrant } from '../../../shared/access/grant.ts';
import { clock, addSeconds } from '../../../shared/core/clock.ts';
import { decideDueStarts, nextStartAt } from '../../../shared/schedules/decideStarts.ts';
import { claimOccurrence, startOccurrence } from '../../../shared/schedules/startOccurrence.ts';
import { Schedule } from '../../../shared/schedules/rules/schedule.ts';
import { commandSchemaFor } from '../../../shared/commands/command.ts';
import { SCHEMA_VERSION } from '../../../shared/store/schema.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import type { OccurrenceDocument, ScheduleDocument } from '../../../shared/schedules/documents.ts';
import { createDocument, type WithEtag } from '../../../shared/store/cosmos.ts';
import { listUnfinishedJobs } from '../../../shared/journal/job.ts';
import {
  readDueSchedules,
  readOccurrencePage,
  readSchedule,
  scheduleDocumentId,
} from '../../../shared/schedules/store.ts';
import { vmNamed, registerVmsByName } from '../../support/single-step-job.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
let vm: string;
beforeAll(async () => {
  store = await startSimulatedStore();
  vm = vmNamed(await registerVmsByName(), 'web').id;
});
afterAll(() => store.close());

const ada: Caller = { id: 'ada', name: 'ada', tenant: 't', roles: ['Operator'], door: 'rest' };
const PLAN = 'shop';

/** Due at each full hour, and the first hour has come. */
async function dueSchedule(scheduleId: string): Promise<WithEtag<ScheduleDocument>> {
  const now = await clock().now();
  const schedule = Schedule.parse({
    cron: '0 * * * *',
    timeZone: 'UTC',
    command: { operation: 'testFailover', vms: [vm] },
    catchUpMinutes: 60,
  });
  const command = commandSchemaFor(schedule.command).parse(schedule.command);
  const since = addSeconds(now, -3600);
  const document: ScheduleDocument = {
    id: scheduleDocumentId(scheduleId),
    type: 'schedule',
    schema: SCHEMA_VERSION,
    planId: PLAN,
    scheduleId,
    version: 1,
    schedule,
    command,
    grant: createGrant(ada, command, now),
    savedAt: since.toISOString(),
    decidedUpTo: since.toISOString(),
    nextAt: nextStartAt({ planId: PLAN, scheduleId, schedule }, since.getTime()),
  };
  if (!(await createDocument('plans', document))) throw new Error('The schedule is there already.');
  return reread(scheduleId);
}
async function reread(scheduleId: string): Promise<WithEtag<ScheduleDocument>> {
  const schedule = await readSchedule(PLAN, scheduleId);
  if (!schedule) throw new Error('The schedule is gone.');
  return schedule;
}
const occurrences = async (scheduleId: string) => (await readOccurrencePage(PLAN, scheduleId, 50)).items;
const drillsOf = async (): Promise<number> =>
  (await listUnfinishedJobs()).filter(({ command }) => command.operation === 'testFailover').length;
const first = (list: readonly WithEtag<OccurrenceDocument>[]): WithEtag<OccurrenceDocument> => {
  const [only] = list;
  if (!only) throw new Error('Nothing was due.');
  return only;
};

test('of two simultaneous instances one decides, and no instance decides a start again [TRG-3]', async () => {
  const schedule = await dueSchedule('twice');
  const both = await Promise.all([
    decideDueStarts(schedule, await clock().now()),
    decideDueStarts(schedule, await clock().now()),
  ]);
  expect(both.map((only) => only.length).sort()).toEqual([0, 1]);
  expect(await decideDueStarts(await reread('twice'), await clock().now())).toEqual([]);
  expect(await occurrences('twice')).toHaveLength(1);
  expect(Date.parse((await reread('twice')).decidedUpTo)).toBeGreaterThan(Date.parse(schedule.decidedUpTo));
});

test('a start belongs to one instance for two minutes, and then to one other instance [TRG-3]', async () => {
  await decideDueStarts(await dueSchedule('left'), await clock().now());
  const listInterrupted = async () =>
    (await readDueSchedules(await clock().now())).interruptedStarts.filter(
      ({ scheduleId }) => scheduleId === 'left',
    );
  expect(await listInterrupted()).toEqual([]);
  await store.advance(121);
  const occurrence = first(await listInterrupted());
  const now = await clock().now();
  expect(
    (await Promise.all([claimOccurrence(occurrence, now), claimOccurrence(occurrence, now)])).filter(
      (candidate) => candidate !== undefined,
    ),
  ).toHaveLength(1);
  expect(await listInterrupted()).toEqual([]);
});

test('a start of an instance that died finds the same job [TRG-3]', async () => {
  const occurrence = first(await decideDueStarts(await dueSchedule('died'), await clock().now()));
  const before = await drillsOf();
  const job = await startOccurrence(occurrence);
  // The other instance has read the occurrence before the first one wrote the result of the start.
  expect((await startOccurrence(occurrence))?.jobId).toBe(job?.jobId);
  expect(await drillsOf()).toBe(before + 1);
  expect(await occurrences('died')).toMatchObject([
    { outcome: expect.stringMatching(/started|caughtUp/) as string, jobId: job?.jobId, until: null },
  ]);
});

test('a start after the end of its grant starts nothing, and records the reason [TRG-3] [RBAC-1]', async () => {
  const occurrence = first(await decideDueStarts(await dueSchedule('ended'), await clock().now()));
  const before = await drillsOf();
  const ended = { ...occurrence, grant: { ...occurrence.grant, until: (await clock().now()).toISOString() } };
  expect(await startOccurrence(ended)).toBeUndefined();
  expect(await occurrences('ended')).toMatchObject([{ outcome: 'refused', code: 'GrantEnded', jobId: null }]);
  expect(await drillsOf()).toBe(before);
});
