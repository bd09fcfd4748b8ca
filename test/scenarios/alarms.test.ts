// Alarms. Any number of instances raise each alarm once and clear it once. All listeners get it.
import { updateAlarms } from '../../shared/alarms/updateAlarms.ts';
import type { alarmView } from '../../shared/api/alarmViews.ts';
import { SCHEMA_VERSION } from '../../shared/store/schema.ts';
import type { OccurrenceDocument } from '../../shared/schedules/documents.ts';
import type { PlanDocument, PlanVersionDocument } from '../../shared/plans/documents.ts';
import { occurrenceId } from '../../shared/schedules/store.ts';
import { makeJobDocument } from '../support/job-documents.ts';
import type { Problem } from '../support/lifeboat-client.ts';
import { openDatabase, startEventEnvironment, type EventEnvironment } from '../support/event-environment.ts';

type Alarm = ReturnType<typeof alarmView>;
let environment: EventEnvironment;
beforeAll(async () => {
  environment = await startEventEnvironment(3, { cosmosRanges: 3 });
});
afterAll(() => environment.stop());

const versions = new Map<string, string>();
async function put(id: string, change: object): Promise<void> {
  const answer = await fetch(new URL(`/api/v1/plans/${id}`, environment.simulator.host.url), {
    method: 'PUT',
    body: JSON.stringify({
      name: id,
      runs: { failover: [{ name: 'all', vms: environment.vms.slice(0, 2).map((vm) => vm.id) }] },
      ...change,
    }),
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await environment.simulator.token('contributor')}`,
      ...(versions.has(id) ? { 'if-match': versions.get(id) ?? '' } : {}),
    },
  });
  if (!answer.ok) throw new Error(await answer.text());
  versions.set(id, answer.headers.get('etag') ?? '');
}
const alarms = async (query = ''): Promise<readonly Alarm[]> =>
  (await environment.lifeboat.call<{ alarms: Alarm[] }>(`/api/v1/alarms${query}`, { principal: 'reader' }))
    .body.alarms;
/** Several instances update the alarms at once. */
const updateOnAll = () => Promise.all(Array.from({ length: 3 }, () => updateAlarms()));
/**
 * The app's own timer updates alarms too, perhaps with the plan before its change. The next update
 * corrects this.
 */
const openOnes = (plan: string, count: number): Promise<readonly Alarm[]> =>
  environment.lifeboat.waitFor(async () => {
    await updateOnAll();
    const open = await alarms(`?plan=${plan}`);
    return open.length === count ? open : undefined;
  }, `${count} open alarms of ${plan}`);
const eventsOf = (id: string) =>
  environment.receiver.calls
    .filter(({ isAccepted, event }) => isAccepted && event.data['alarm'] === id)
    .map(({ event }) => event);
const allEvents = (id: string, count: number) =>
  environment.lifeboat.waitFor(
    () => Promise.resolve(eventsOf(id).length >= count ? eventsOf(id) : undefined),
    `${count} events of ${id}`,
  );

test("a VM behind its plan's target raises one alarm until the target is met [JOB-2] [TRG-5]", async () => {
  await put('shop', { targets: { dataLossMinutes: 0.1 } });
  await updateOnAll();
  await updateOnAll();
  const open = await alarms('?plan=shop');
  expect(open.map(({ kind, vm, open: is, count }) => [kind, vm?.name, is, count]).sort()).toEqual(
    environment.vms
      .slice(0, 2)
      .map(({ name }) => ['behindTarget', name, true, 1])
      .sort(),
  );
  const [first] = open;
  if (!first) throw new Error('No alarm.');
  expect(await allEvents(first.id, 1)).toMatchObject([
    {
      type: 'lifeboat.alarm.raised',
      source: `/api/v1/alarms/${first.id}`,
      subject: first.vm?.id,
      sequence: '0000000001',
      data: { kind: 'behindTarget', plan: 'shop' },
    },
  ]);
  await put('shop', { targets: { dataLossMinutes: 600 } });
  await openOnes('shop', 0);
  expect((await allEvents(first.id, 2)).map(({ type, sequence }) => [type, sequence])).toEqual([
    ['lifeboat.alarm.raised', '0000000001'],
    ['lifeboat.alarm.cleared', '0000000002'],
  ]);
  expect((await alarms('?plan=shop&state=all')).find(({ id }) => id === first.id)).toMatchObject({
    open: false,
    clearedBecause: 'It is right again.',
  });
  // A new violation raises another alarm.
  await put('shop', { targets: { dataLossMinutes: 0.1 } });
  const again = await openOnes('shop', 2);
  for (const { count } of again) expect(count).toBeGreaterThanOrEqual(2);
  await put('shop', {});
  await openOnes('shop', 0);
  expect((await environment.lifeboat.call<Alarm>(`/api/v1/alarms/${again[0]?.id ?? ''}`)).body).toMatchObject(
    {
      open: false,
      clearedBecause: expect.stringContaining('watched no more') as string,
    },
  );
});

test('only a successful drill of the whole plan ends the alarm of an undrilled plan [TRG-3]', async () => {
  await put('ledger', { drill: { everyDays: 30 } });
  await updateOnAll();
  expect(await alarms('?plan=ledger')).toEqual([]);
  const made = openDatabase(environment.simulator).container('plans').item('version:000001', 'ledger');
  const { resource } = await made.read<PlanVersionDocument>();
  if (!resource) throw new Error('No version.');
  await made.replace({
    ...resource,
    savedAt: new Date(Date.parse(resource.savedAt) - 31 * 86_400_000).toISOString(),
  });
  await updateOnAll();
  const [alarm] = await alarms('?plan=ledger');
  expect(alarm).toMatchObject({
    kind: 'notDrilled',
    vm: null,
    plan: { id: 'ledger' },
    message: expect.stringContaining('every 30 days') as string,
  });
  const drill = (id: string, exclude: readonly string[], state: string) => ({
    ...makeJobDocument(id, resource.savedAt),
    state,
    endedAt: resource.savedAt,
    plan: { id: 'ledger', version: 1, name: 'ledger' },
    command: { operation: 'testFailover', plan: 'ledger', exclude },
  });
  const jobs = openDatabase(environment.simulator).container('jobs');
  await jobs.items.create(drill('job-part', ['vm-x'], 'completed'));
  await jobs.items.create(drill('job-bad', [], 'completedWithExceptions'));
  await updateOnAll();
  expect((await alarms('?plan=ledger')).map(({ id }) => id)).toEqual([alarm?.id]);
  await jobs.items.create(drill('job-good', [], 'completed'));
  await openOnes('ledger', 0);
});

test('a plan with due drills that cannot run raises an alarm [TRG-3] [PLAN-2]', async () => {
  await put('front', {
    drill: { everyDays: 30 },
    runs: { failover: [{ name: 'all', vms: [environment.vms[2]?.id] }] },
  });
  await updateOnAll();
  expect(await alarms('?plan=front')).toEqual([]);
  await environment.lifeboat.runToEnd({ operation: 'failover', vms: [environment.vms[2]?.id] });
  await updateOnAll();
  expect(await alarms('?plan=front')).toMatchObject([
    { kind: 'notReady', message: expect.stringContaining('failedOver') as string },
  ]);
});

test('an unreadable plan raises its own alarm, and the alarms of all plans go on [TRG-3] [TRG-5]', async () => {
  for (const id of ['spoiled', 'newer']) await put(id, { targets: { dataLossMinutes: 0.1 } });
  await openOnes('spoiled', 2);
  const container = openDatabase(environment.simulator).container('plans');
  const change = async (id: string, part: (document: PlanDocument) => object): Promise<PlanDocument> => {
    const { resource } = await container.item('plan', id).read<PlanDocument>();
    if (!resource) throw new Error(`No plan ${id}.`);
    await container.item('plan', id).replace({ ...resource, ...part(resource) });
    return resource;
  };
  const spoiled = await change('spoiled', ({ plan }) => ({ plan: { ...plan, runs: 'gone' } }));
  const newer = await change('newer', ({ schema }) => ({ schema: schema + 1 }));
  const unreadable = async (id: string, count: number): Promise<Alarm | undefined> =>
    (await openOnes(id, count)).find(({ kind }) => kind === 'planUnreadable');
  // The two alarms about the VMs stay open.
  expect((await unreadable('spoiled', 3))?.message).toContain('runs: must be an object, and is a text');
  expect((await unreadable('newer', 3))?.message).toContain('by a newer Lifeboat');
  await put('sound', { targets: { dataLossMinutes: 0.1 } });
  await openOnes('sound', 2);
  await change('spoiled', () => ({ plan: spoiled.plan }));
  await change('newer', () => ({ schema: newer.schema }));
  expect(await unreadable('spoiled', 2)).toBeUndefined();
  expect(await unreadable('newer', 2)).toBeUndefined();
  for (const id of ['sound', 'spoiled', 'newer']) await put(id, {});
  for (const id of ['sound', 'spoiled', 'newer']) await openOnes(id, 0);
});

test('a drill past its time to live raises an alarm until a person cleans up [TRG-3]', async () => {
  const [vm] = environment.vms;
  if (!vm) throw new Error('No VM.');
  await put('stuck', { runs: { failover: [{ name: 'all', vms: [vm.id] }] } });
  const drill = await environment.lifeboat.runToEnd({ operation: 'testFailover', vms: [vm.id] });
  const at = drill.endedAt ?? '';
  const occurrence: OccurrenceDocument = {
    id: occurrenceId('nightly', at),
    type: 'occurrence',
    schema: SCHEMA_VERSION,
    planId: 'stuck',
    scheduleId: 'nightly',
    scheduleVersion: 1,
    due: at,
    begin: at,
    outcome: 'started',
    how: 'started',
    command: drill.command,
    // The stored permission has changed.
    grant: {
      by: { id: drill.requestedBy.id, name: drill.requestedBy.name, tenant: 't', roles: ['Reader'] },
      givenAt: at,
      until: at,
    },
    decidedAt: at,
    until: null,
    notAfter: at,
    jobId: drill.id,
    code: null,
    message: null,
    details: null,
    cleanUpAt: at,
    timeToLiveMinutes: 15,
    cleanUp: null,
  };
  await openDatabase(environment.simulator).container('plans').items.create(occurrence);
  const [alarm] = await openOnes('stuck', 1);
  expect(alarm).toMatchObject({
    kind: 'notCleanedUp',
    vm: null,
    message: expect.stringMatching(
      /of the schedule nightly, since .*cleanUpTestFailover needs the role/,
    ) as string,
  });
  expect(
    await environment.lifeboat.runToEnd({ operation: 'cleanUpTestFailover', vms: [vm.id] }),
  ).toMatchObject({
    state: 'completed',
  });
  await openOnes('stuck', 0);
});

test('the alarm routes refuse a wrong query and an unknown alarm [TRG-3]', async () => {
  expect((await environment.lifeboat.call<Problem>('/api/v1/alarms?state=loud')).body).toMatchObject({
    status: 400,
    code: 'Invalid',
  });
  expect((await environment.lifeboat.call<Problem>('/api/v1/alarms/alarm-none')).body).toMatchObject({
    status: 404,
    code: 'AlarmUnknown',
  });
});
