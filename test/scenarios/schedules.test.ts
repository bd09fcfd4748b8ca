// Drills by the calendar. Lifeboat saves schedules like plans, and starts each drill once. It
// reports each skipped drill, and cleans up in time.
import { openDatabase } from '../support/event-environment.ts';
import type { Problem, Replication } from '../support/lifeboat-client.ts';
import { configureProcessAsApp } from '../support/simulated-store.ts';
import {
  startTestEnvironment,
  withFault,
  countSuccessfulWrites,
  type TestEnvironment,
} from '../support/test-environment.ts';
import { runSchedules } from '../../shared/schedules/runSchedules.ts';
import type { occurrenceView, scheduleView } from '../../shared/api/scheduleViews.ts';
import type { RunReport } from '../../shared/plans/rules/runReport.ts';
import type { ScheduleDocument } from '../../shared/schedules/documents.ts';

type Shown = ReturnType<typeof scheduleView>;
type Occurrence = ReturnType<typeof occurrenceView>;
const MINUTE = 60_000;

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(7, { cosmosRanges: 3 });
  configureProcessAsApp(environment.simulator.addresses, environment.simulator.data);
  const { status } = await put(
    '',
    { name: 'Shop', runs: { failover: [{ name: 'all', vms: environment.vms.map(({ id }) => id) }] } },
    { who: 'contributor' },
  );
  expect(status).toBe(201);
});
afterAll(() => environment.simulator.stop());

interface Options {
  readonly ifMatch?: string;
  readonly who?: string;
  readonly method?: string;
}
async function put(path: string, body: unknown, { ifMatch, who = 'operator', method = 'PUT' }: Options = {}) {
  const answer = await fetch(new URL(`/api/v1/plans/shop${path}`, environment.simulator.host.url), {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await environment.simulator.token(who)}`,
      ...(ifMatch ? { 'if-match': ifMatch } : {}),
    },
  });
  const text = await answer.text();
  return {
    status: answer.status,
    etag: answer.headers.get('etag'),
    body: (text === '' ? undefined : JSON.parse(text)) as Shown & Problem,
  };
}
const get = async <T>(path: string) =>
  (await environment.lifeboat.call<T>(`/api/v1/plans/shop${path}`, { principal: 'reader' })).body;
const simulatedNow = async (): Promise<number> =>
  Date.parse(
    ((await (await fetch(new URL('/now', environment.simulator.addresses.clock))).json()) as { now: string })
      .now,
  );
const vmOf = (at: number): Replication => environment.vms[at] ?? (environment.vms[0] as Replication);

/** Due after this number of minutes, and then each hour. */
async function scheduleDueSoon(at: number, change: object = {}, minutes = 3) {
  const due = new Date((await simulatedNow()) + minutes * MINUTE);
  return {
    cron: `${due.getUTCMinutes()} * * * *`,
    timeZone: 'Europe/Berlin',
    command: { operation: 'testFailover', vms: [vmOf(at).id] },
    ...change,
  };
}
const occurrencesOf = async (id: string) =>
  (await get<{ occurrences: Occurrence[] }>(`/schedules/${id}/occurrences`)).occurrences;
const waitForOccurrence = (id: string): Promise<Occurrence> =>
  environment.lifeboat.waitFor(
    async () => (await occurrencesOf(id)).findLast(({ outcome }) => outcome !== 'starting'),
    `an occurrence of ${id}`,
    110,
  );
const plans = () => openDatabase(environment.simulator).container('plans');

/** Changes the stored schedule, as if no instance had checked it since then. */
async function pretend(
  id: string,
  change: (document: ScheduleDocument) => Partial<ScheduleDocument>,
): Promise<void> {
  const { resource } = await plans().item(`schedule:${id}`, 'shop').read<ScheduleDocument>();
  if (!resource) throw new Error(`No schedule ${id}.`);
  const changed: ScheduleDocument = { ...resource, ...change(resource) };
  await plans().items.upsert(changed);
}
const jobsOf = async (id: string): Promise<number> =>
  (
    await openDatabase(environment.simulator)
      .container('jobs')
      .items.query<object>({
        query:
          "SELECT * FROM c WHERE c.type = 'job' AND c.caller.door = 'schedule' AND c.command.reason = @id",
        parameters: [{ name: '@id', value: id }],
      })
      .fetchAll()
  ).resources.length;

test('Lifeboat saves, changes and removes a schedule, and refuses a wrong one [TRG-3]', async () => {
  const schedule = await scheduleDueSoon(0, {
    cron: '0 6 * * SAT#1',
    blackouts: [{ days: ['friday'], from: '22:00', to: '06:00' }],
  });
  const made = await put('/schedules/monthly', schedule);
  expect(made).toMatchObject({
    status: 201,
    etag: '"1"',
    body: {
      id: 'monthly',
      version: 1,
      schedule: { cron: '0 6 * * SAT#1', catchUpMinutes: 0, enabled: true },
      actsFor: { roles: ['Operator'] },
    },
  });
  expect(Date.parse(made.body.nextAt ?? '')).toBeGreaterThan(await simulatedNow());
  expect(await put('/schedules/never', { ...schedule, cron: '0 3 * * SAT#1' })).toMatchObject({
    status: 201,
    body: { nextAt: null },
  });
  expect(await put('/schedules/never', undefined, { method: 'DELETE', ifMatch: '"1"' })).toMatchObject({
    status: 204,
  });
  expect(await put('/schedules/monthly', schedule)).toMatchObject({ status: 428 });
  expect(await put('/schedules/monthly', schedule, { ifMatch: '"7"' })).toMatchObject({ status: 412 });
  expect(await put('/schedules/monthly', { ...schedule, enabled: false }, { ifMatch: '"1"' })).toMatchObject({
    status: 200,
    etag: '"2"',
    body: { nextAt: null },
  });
  const { schedules } = await get<{ schedules: Shown[] }>('/schedules');
  expect(schedules.filter(({ id }) => ['monthly', 'never'].includes(id))).toMatchObject([
    { id: 'monthly', version: 2 },
  ]);
  for (const [body, status, code, who] of [
    [{ ...schedule, cron: '* * * * *' }, 400, 'Invalid'],
    [{ ...schedule, timeZone: 'Mars' }, 400, 'Invalid'],
    [{ ...schedule, command: { operation: 'failover', vms: [vmOf(0).id] } }, 400, 'Invalid'],
    [
      { ...schedule, command: { operation: 'testFailover', vms: ['vm-aaaaaaaaaaaaaaaaaaaaaaaaaa'] } },
      422,
      'VmNotInPlan',
    ],
    [{ ...schedule, command: { operation: 'testFailover', vms: [] } }, 400, 'Invalid'],
    [schedule, 403, 'RoleMissing', 'reader'],
  ] as const)
    expect(await put('/schedules/other', body, { who: who ?? 'operator' })).toMatchObject({
      status,
      body: { code },
    });
  expect(await get<Problem>('/schedules/other')).toMatchObject({ status: 404, code: 'ScheduleUnknown' });
  expect(await put('/schedules/monthly', undefined, { method: 'DELETE', ifMatch: '"1"' })).toMatchObject({
    status: 412,
  });
  expect(await put('/schedules/monthly', undefined, { method: 'DELETE', ifMatch: '"2"' })).toMatchObject({
    status: 204,
  });
  expect(await put('/schedules/monthly', undefined, { method: 'DELETE', ifMatch: '"2"' })).toMatchObject({
    status: 404,
    body: { code: 'ScheduleUnknown' },
  });
});

test('many instances begin a due drill once, and clean up after its time [TRG-3]', async () => {
  await put(
    '/schedules/once',
    await scheduleDueSoon(0, {
      timeToLiveMinutes: 20,
      command: { operation: 'testFailover', vms: [vmOf(0).id], reason: 'once' },
    }),
  );
  const decided = await environment.lifeboat.waitFor(
    async () => {
      await Promise.all(Array.from({ length: 4 }, () => runSchedules(() => Promise.resolve())));
      return (await occurrencesOf('once')).find(({ outcome }) => outcome === 'started');
    },
    'the drill',
    110,
  );
  const job = await environment.lifeboat.waitForJobEnd(decided.job ?? '');
  expect(job).toMatchObject({
    state: 'completed',
    operation: 'testFailover',
    requestedBy: { trigger: 'schedule' },
  });
  expect(await jobsOf('once')).toBe(1);
  expect(await countSuccessfulWrites(environment.simulator, vmOf(0).name, 'testFailover')).toBe(1);
  const clean = await environment.lifeboat.waitFor(
    async () => (await occurrencesOf('once')).find(({ due, cleanUp }) => due === decided.due && cleanUp?.job),
    'the clean-up',
    110,
  );
  const cleaned = await environment.lifeboat.waitForJobEnd(clean.cleanUp?.job ?? '');
  expect(cleaned).toMatchObject({ state: 'completed', operation: 'cleanUpTestFailover' });
  expect(Date.parse(cleaned.acceptedAt) - Date.parse(job.acceptedAt)).toBeGreaterThanOrEqual(20 * MINUTE);
  await put('/schedules/once', undefined, { method: 'DELETE', ifMatch: '"1"' });
  expect((await occurrencesOf('once')).length).toBeGreaterThan(0);
});

test('a schedule drills its own plan as a whole, and no other plan [TRG-3]', async () => {
  const schedule = await scheduleDueSoon(6, {
    command: { operation: 'testFailover', exclude: environment.vms.slice(0, 6).map(({ id }) => id) },
  });
  expect(
    await put('/schedules/whole', { ...schedule, command: { operation: 'testFailover', plan: 'ledger' } }),
  ).toMatchObject({ status: 422, body: { code: 'OtherPlan' } });
  await put('/schedules/whole', schedule);
  const { job, outcome } = await waitForOccurrence('whole');
  expect(outcome).toBe('started');
  const drill = await environment.lifeboat.waitForJobEnd(job ?? '');
  expect(drill).toMatchObject({
    state: 'completed',
    plan: { id: 'shop', version: 1 },
    vms: 1,
    requestedBy: { trigger: 'schedule' },
  });
  expect(drill.steps.map(({ phase, state }) => `${phase} ${state}`)).toEqual(
    expect.arrayContaining(['testFailover succeeded', 'cleanUpTestFailover succeeded']),
  );
  const report = (
    await environment.lifeboat.call<RunReport>(`/api/v1/jobs/${drill.id}/report`, { principal: 'reader' })
  ).body;
  expect(report).toMatchObject({
    job: drill.id,
    plan: { id: 'shop', version: 1 },
    state: 'completed',
    final: true,
    askedBy: { trigger: 'schedule' },
    leftBehind: [],
    vms: [{ name: vmOf(6).name, group: 'all', cameUp: true, cleanedUp: true }],
  });
  expect(report.whole.recoverySeconds).toBe(report.vms[0]?.recoverySeconds);
  expect(report.timeline.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['testFailover', 'cleanUpTestFailover']),
  );
  const printed = await fetch(new URL(`/api/v1/jobs/${drill.id}/report`, environment.simulator.host.url), {
    headers: {
      authorization: `Bearer ${await environment.simulator.token('reader')}`,
      accept: 'text/markdown',
    },
  });
  expect(await printed.text()).toMatch(
    new RegExp(
      `^# Drill of Shop, version 1\n[^]*Left behind: nothing[^]*\\| ${vmOf(6).name} \\| all \\| yes`,
    ),
  );
  await put('/schedules/whole', undefined, { method: 'DELETE', ifMatch: '"1"' });
});

test('Lifeboat catches up a late drill, or records why not [TRG-3]', async () => {
  const yesterday = new Date((await simulatedNow()) - 25 * 60 * MINUTE).toISOString();
  const unseen = () => ({ decidedUpTo: yesterday, nextAt: yesterday });
  const at = new Date((await simulatedNow()) - 2 * 60 * MINUTE);
  const daily = await scheduleDueSoon(1, {
    cron: `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`,
    timeZone: 'UTC',
  });
  await put('/schedules/late', { ...daily, catchUpMinutes: 180, timeToLiveMinutes: 15 });
  await put('/schedules/lost', { ...daily, catchUpMinutes: 30 });
  await put('/schedules/dark', {
    ...daily,
    catchUpMinutes: 180,
    blackouts: [
      {
        from: new Date(at.getTime() - 60 * MINUTE).toISOString(),
        to: new Date(at.getTime() + 60 * MINUTE).toISOString(),
        reason: 'billing',
      },
    ],
  });
  for (const id of ['late', 'lost', 'dark']) await pretend(id, unseen);
  const late = await waitForOccurrence('late');
  expect(late).toMatchObject({ outcome: 'caughtUp', job: expect.stringMatching(/^job-/) as string });
  expect((await environment.lifeboat.waitForJobEnd(late.job ?? '')).state).toBe('completed');
  expect((await occurrencesOf('late')).map(({ outcome, code }) => code ?? outcome).at(-1)).toBe('caughtUp');
  expect(await waitForOccurrence('lost')).toMatchObject({
    outcome: 'missed',
    code: 'TooLate',
    job: null,
    message: expect.stringContaining('catchUpMinutes is 30') as string,
  });
  expect(await waitForOccurrence('dark')).toMatchObject({
    outcome: 'skipped',
    code: 'BlackOut',
    job: null,
    message: expect.stringContaining('billing') as string,
  });
  expect(await countSuccessfulWrites(environment.simulator, vmOf(1).name, 'testFailover')).toBe(1);
});

test('a schedule records why its drill could not begin [TRG-3] [RBAC-1]', async () => {
  await environment.lifeboat.runToEnd({ operation: 'failover', vms: [vmOf(2).id] });
  await put('/schedules/refused', await scheduleDueSoon(2));
  await put('/schedules/ended', await scheduleDueSoon(3, {}, 60));
  await pretend('ended', ({ grant }) => ({ grant: { ...grant, until: '2020-01-01T00:00:00.000Z' } }));
  expect(await waitForOccurrence('refused')).toMatchObject({
    outcome: 'refused',
    code: 'OperationNotAllowed',
    job: null,
    details: { vms: [{ name: vmOf(2).name, state: 'failedOver' }] },
  });
  expect(await waitForOccurrence('ended')).toMatchObject({
    outcome: 'refused',
    code: 'GrantEnded',
    job: null,
  });
  expect(await countSuccessfulWrites(environment.simulator, vmOf(3).name, 'testFailover')).toBe(0);
});

test('another instance continues a start after its first instance died, with the same job [TRG-3]', async () => {
  const lost = {
    service: 'cosmos' as const,
    method: 'POST',
    path: '/colls/plans/docs',
    body: '"scheduleId":"taken".*"outcome":"started"',
    point: 'received' as const,
    times: 1,
    do: { kind: 'cut' as const },
  };
  const { result, acted } = await withFault(environment.simulator, lost, async () => {
    await put(
      '/schedules/taken',
      await scheduleDueSoon(4, {
        command: { operation: 'testFailover', vms: [vmOf(4).id], reason: 'taken' },
      }),
    );
    return waitForOccurrence('taken');
  });
  expect(acted).toBe(1);
  expect(result).toMatchObject({ outcome: 'started' });
  expect((await environment.lifeboat.waitForJobEnd(result.job ?? '')).state).toBe('completed');
  expect(await jobsOf('taken')).toBe(1);
});

test('a change first decides the drills due before it, so no drill gets lost [TRG-3]', async () => {
  const before = await simulatedNow();
  await put('/schedules/moved', await scheduleDueSoon(5, { cron: '0 0 1 1 *' }));
  const past = new Date(before - 3 * 60 * MINUTE);
  await pretend('moved', ({ schedule }) => ({
    schedule: { ...schedule, cron: `${past.getUTCMinutes()} ${past.getUTCHours()} * * *`, timeZone: 'UTC' },
    decidedUpTo: new Date(before - 5 * 60 * MINUTE).toISOString(),
    nextAt: past.toISOString(),
  }));
  await put('/schedules/moved', await scheduleDueSoon(5, { cron: '0 0 1 1 *' }), { ifMatch: '"1"' });
  expect(await waitForOccurrence('moved')).toMatchObject({ outcome: 'missed', version: 1 });
});
