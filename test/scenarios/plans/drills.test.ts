// Drills that wait for an absent person: Lifeboat cleans up and sends a message.
import type { RunReport } from '../../../shared/plans/rules/runReport.ts';
import type { alarmView } from '../../../shared/api/alarmViews.ts';
import type { Job } from '../../support/lifeboat-client.ts';
import { advanceTime } from '../../support/test-settings.ts';
import { planBody, putPlan, waitForQuestions } from '../../support/plans.ts';
import { startTestEnvironment, withFault, type TestEnvironment } from '../../support/test-environment.ts';

type Alarm = ReturnType<typeof alarmView>;
const TIME_TO_LIVE_MINUTES = 20;
const MINUTE = 60_000;

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(4, { env: { LIFEBOAT_TEST_STANDS_HOURS: '1' } });
});
afterAll(() => environment.simulator.stop());

const names = (): string[] => environment.vms.map(({ name }) => name).sort();
const steer = (job: Job, what: string, body: object) =>
  environment.lifeboat.call(`/api/v1/jobs/${job.id}/${what}`, {
    method: 'POST',
    body,
    principal: 'operator',
  });
const alarms = async (query: string) =>
  (await environment.lifeboat.call<{ alarms: Alarm[] }>(`/api/v1/alarms${query}`, { principal: 'reader' }))
    .body.alarms;
const states = async () => (await environment.lifeboat.listReplications()).map(({ state }) => state);
const stateOf = (job: Job, node: string): string | undefined =>
  job.steps.find((step) => step.node === node)?.state;
const codes = (job: Job): string[] => job.exceptions.map(({ code }) => code).sort();

test('Lifeboat cleans up a waiting drill when its time is over, and after a retry [OP-13]', async () => {
  const [up = '', failing = '', last = ''] = names();
  const drill = {
    cleanUpAfterMinutes: TIME_TO_LIVE_MINUTES,
    checks: [{ kind: 'manual', name: 'Look at the shop', instructions: 'Does it sell?' }],
  };
  await putPlan(
    environment,
    'shop',
    planBody(
      environment,
      [
        { name: 'data', vms: [up, failing] },
        { name: 'web', vms: [last] },
      ],
      { drill },
    ),
  );
  // One of three VMs is up, and one has failed with a question. The last VM waits for the answer.
  // The job also has a pause.
  const fault = {
    point: 'operation',
    vm: failing,
    times: 1,
    do: { kind: 'fail', code: '150097', message: 'No room.' },
  } as const;
  const { result: job } = await withFault(environment.simulator, fault, async () => {
    const { body } = await environment.lifeboat.send({ operation: 'testFailover', plan: 'shop' });
    return waitForQuestions(environment, body, 2);
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
  const ended = await environment.lifeboat.waitForJobEnd(job.id);
  expect(ended.state).toBe('completedWithExceptions');
  expect(Date.parse(ended.endedAt ?? '')).toBeGreaterThan(end);
  expect(Date.parse(ended.endedAt ?? '')).toBeLessThan(end + TIME_TO_LIVE_MINUTES * MINUTE);
  expect(codes(ended)).toEqual(['150097', 'TimeToLiveOver', 'TimeToLiveOver', 'NotBuiltOn'].sort());
  expect(stateOf(ended, 'check.0')).toBe('skipped');
  expect(new Set(await states())).toEqual(new Set(['protected']));

  await steer(job, 'retry', {});
  const asked = await waitForQuestions(environment, job, 2, 'manual');
  expect(asked.questions.map(({ kind }) => kind).sort()).toEqual(['hold', 'manual']);
  const again = await environment.lifeboat.waitForJobEnd(job.id);
  expect(again).toMatchObject({
    state: 'completedWithExceptions',
    exceptions: [{ code: 'TimeToLiveOver', targetName: 'Look at the shop' }],
  });
  expect(new Set(await states())).toEqual(new Set(['protected']));

  // The job shows the linter's warnings about the plan, and they are not exceptions [OP-14].
  expect(again.warnings).toEqual([
    {
      code: 'CriticalWithoutTimeout',
      vm: null,
      message: expect.stringContaining('$.drill.checks[0]: "Look at the shop" has no time-out') as string,
    },
  ]);
  const report = (await environment.lifeboat.call<RunReport>(`/api/v1/jobs/${job.id}/report`)).body;
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
  const reported = await environment.lifeboat.waitFor(async () => {
    const all = await alarms('?plan=shop&state=all');
    return all.length > 0 && all.every(({ open }) => !open) ? all : undefined;
  }, 'the end of the alarms');
  expect(reported.at(-1)).toMatchObject({
    kind: 'timeToLiveOver',
    vm: null,
    plan: { id: 'shop' },
    message: expect.stringContaining('Look at the shop was given up') as string,
  });
});

test('a test VM without a clean-up raises an alarm, also outside of plans [OP-13]', async () => {
  const vmOutsidePlan = environment.vms.find(({ name }) => name === names()[3]);
  if (!vmOutsidePlan) throw new Error('No VM.');
  await environment.lifeboat.runToEnd({ operation: 'testFailover', vms: [vmOutsidePlan.id] });
  expect(await alarms('')).toEqual([]);
  await advanceTime(environment.simulator, 3700);
  const [alarm] = await environment.lifeboat.waitFor(async () => {
    const open = await alarms('');
    return open.length > 0 ? open : undefined;
  }, 'the alarm');
  expect(alarm).toMatchObject({
    kind: 'notCleanedUp',
    plan: null,
    vm: { id: vmOutsidePlan.id, name: vmOutsidePlan.name },
  });
  expect(alarm?.message).toContain('no job cleans it up: send cleanUpTestFailover');
  await environment.lifeboat.runToEnd({ operation: 'cleanUpTestFailover', vms: [vmOutsidePlan.id] });
  await environment.lifeboat.waitFor(
    async () => ((await alarms('')).length === 0 ? true : undefined),
    'the end of the alarm',
  );
});
