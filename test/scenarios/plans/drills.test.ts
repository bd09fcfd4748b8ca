// Drills that wait for a person who does not come: cleaned up all the same, and somebody is told.
import type { DrillReport } from '../../../shared/plans/rules/drillReport.ts';
import type { alarmView } from '../../../shared/api/alarmViews.ts';
import type { Job } from '../../support/lifeboat.ts';
import { letPass } from '../../support/play-settings.ts';
import { planOf, savePlan, untilNeeds } from '../../support/plans.ts';
import { scene, withFault, type Scene } from '../../support/story.ts';

type Alarm = ReturnType<typeof alarmView>;
const TIME_TO_LIVE_MINUTES = 20;
const MINUTE = 60_000;

let world: Scene;
beforeAll(async () => {
  world = await scene(4, { env: { LIFEBOAT_TEST_STANDS_HOURS: '1' } });
});
afterAll(() => world.simulator.stop());

const names = (): string[] => world.vms.map(({ name }) => name).sort();
const steer = (job: Job, what: string, body: object) =>
  world.lifeboat.call(`/api/v1/jobs/${job.id}/${what}`, { method: 'POST', body, who: 'operator' });
const alarms = async (query: string) =>
  (await world.lifeboat.call<{ alarms: Alarm[] }>(`/api/v1/alarms${query}`, { who: 'reader' })).body.alarms;
const states = async () => (await world.lifeboat.replications()).map(({ state }) => state);
const stateOf = (job: Job, node: string): string | undefined =>
  job.steps.find((step) => step.node === node)?.state;
const codes = (job: Job): string[] => job.exceptions.map(({ code }) => code).sort();

test('Lifeboat cleans up a waiting drill when its time is over, and after a retry (D5) [OP-13]', async () => {
  const [up = '', failing = '', last = ''] = names();
  const drill = {
    cleanUpAfterMinutes: TIME_TO_LIVE_MINUTES,
    checks: [{ kind: 'manual', name: 'Look at the shop', instructions: 'Does it sell?' }],
  };
  await savePlan(
    world,
    'shop',
    planOf(
      world,
      [
        { name: 'data', vms: [up, failing] },
        { name: 'web', vms: [last] },
      ],
      { drill },
    ),
  );
  // One of three VMs is up, one has failed and is asked about, and the last one waits for the
  // answer. The job is paused besides.
  const fault = {
    point: 'operation',
    vm: failing,
    times: 1,
    do: { kind: 'fail', code: '150097', message: 'No room.' },
  } as const;
  const { result: job } = await withFault(world.simulator, fault, async () => {
    const { body } = await world.lifeboat.send({ operation: 'testFailover', plan: 'shop' });
    return untilNeeds(world, body, 2);
  });
  await steer(job, 'pause', { reason: 'Lunch' });
  const upAt = Date.parse(
    job.steps.find(({ name, phase }) => name === up && phase === 'testFailover')?.endedAt ?? '',
  );
  const failedAt = Date.parse(
    job.steps.find(({ name, phase }) => name === failing && phase === 'testFailover')?.endedAt ?? '',
  );
  const end = Math.max(upAt, failedAt) + TIME_TO_LIVE_MINUTES * MINUTE;
  for (const { until } of job.questions) expect(Date.parse(until ?? '')).toBe(end);
  const ended = await world.lifeboat.ended(job.id);
  expect(ended.state).toBe('completedWithExceptions');
  expect(Date.parse(ended.endedAt ?? '')).toBeGreaterThan(end);
  expect(Date.parse(ended.endedAt ?? '')).toBeLessThan(end + TIME_TO_LIVE_MINUTES * MINUTE);
  expect(codes(ended)).toEqual(['150097', 'TimeToLiveOver', 'TimeToLiveOver', 'NotBuiltOn'].sort());
  expect(stateOf(ended, 'check.0')).toBe('skipped');
  expect(new Set(await states())).toEqual(new Set(['protected']));

  await steer(job, 'retry', {});
  const asked = await untilNeeds(world, job, 2, 'manual');
  expect(asked.questions.map(({ kind }) => kind).sort()).toEqual(['hold', 'manual']);
  const again = await world.lifeboat.ended(job.id);
  expect(again).toMatchObject({
    state: 'completedWithExceptions',
    exceptions: [{ code: 'TimeToLiveOver', targetName: 'Look at the shop' }],
  });
  expect(new Set(await states())).toEqual(new Set(['protected']));

  // What the linter said of the plan stands in the job that went ahead, and is no exception (D10) [OP-14].
  expect(again.warnings).toEqual([
    {
      code: 'CriticalWithoutTimeout',
      vm: null,
      message: expect.stringContaining('$.drill.checks[0]: "Look at the shop" has no time-out') as string,
    },
  ]);
  const report = (await world.lifeboat.call<DrillReport>(`/api/v1/jobs/${job.id}/report`)).body;
  expect(report).toMatchObject({
    leftBehind: [],
    warnings: again.warnings,
    actions: expect.arrayContaining([
      expect.objectContaining({
        name: 'Look at the shop',
        reason: expect.stringContaining('time to live was over') as string,
      }),
    ]) as unknown,
  });
  const told = await world.lifeboat.until(async () => {
    const all = await alarms('?plan=shop&state=all');
    return all.length > 0 && all.every(({ open }) => !open) ? all : undefined;
  }, 'the end of the alarms');
  expect(told.at(-1)).toMatchObject({
    kind: 'timeToLiveOver',
    vm: null,
    plan: { id: 'shop' },
    message: expect.stringContaining('Look at the shop was given up') as string,
  });
});

test('a test VM that nothing cleans up raises an alarm, also outside of plans (D5) [OP-13]', async () => {
  const alone = world.vms.find(({ name }) => name === names()[3]);
  if (!alone) throw new Error('No VM.');
  await world.lifeboat.done({ operation: 'testFailover', vms: [alone.id] });
  expect(await alarms('')).toEqual([]);
  await letPass(world.simulator, 3700);
  const [alarm] = await world.lifeboat.until(async () => {
    const open = await alarms('');
    return open.length > 0 ? open : undefined;
  }, 'the alarm');
  expect(alarm).toMatchObject({ kind: 'notCleanedUp', plan: null, vm: { id: alone.id, name: alone.name } });
  expect(alarm?.message).toContain('no job cleans it up: send cleanUpTestFailover');
  await world.lifeboat.done({ operation: 'cleanUpTestFailover', vms: [alone.id] });
  await world.lifeboat.until(
    async () => ((await alarms('')).length === 0 ? true : undefined),
    'the end of the alarm',
  );
});
