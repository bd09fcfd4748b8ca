// A person cancels or pauses in the middle of a large wave. Azure throttles more often than a step
// has attempts.
import type { Job } from '../support/lifeboat-client.ts';
import { startTestEnvironment, withFault, type TestEnvironment } from '../support/test-environment.ts';

const WAVE = 24;
let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(2 * WAVE + 2, {
    env: { LIFEBOAT_PROOF_SECONDS: '60', LIFEBOAT_WRITES_BURST: '60' },
  });
});
afterAll(() => environment.simulator.stop());

const postToJob = (job: Pick<Job, 'id'>, verb: string) =>
  environment.lifeboat.call<Job>(`/api/v1/jobs/${job.id}/${verb}`, { method: 'POST' });
const failoversOf = async (names: ReadonlySet<string>): Promise<number> =>
  (await environment.simulator.siteRecovery.writes()).filter(
    ({ itemName, operation }) => operation === 'unplannedFailover' && names.has(itemName),
  ).length;

/**
 * A failover of a whole wave. Five VMs have a claim when a person acts, and all others are about to
 * claim.
 */
async function inMidWave(
  first: number,
  verb: 'pause' | 'cancel',
): Promise<{ readonly job: Job; readonly names: ReadonlySet<string> }> {
  const vms = environment.vms.slice(first, first + WAVE);
  const claims = {
    service: 'cosmos',
    method: 'POST',
    path: '/colls/jobs/docs',
    body: '"state":"sending"',
    skip: 5,
    point: 'received',
    do: { kind: 'hold' },
  } as const;
  const names = new Set(vms.map(({ name }) => name));
  const { result: job } = await withFault(environment.simulator, claims, async () => {
    const { body } = await environment.lifeboat.send({ operation: 'failover', vms: vms.map(({ id }) => id) });
    await environment.lifeboat.waitFor(
      async () => ((await failoversOf(names)) === 5 ? true : undefined),
      'five writes',
    );
    await environment.lifeboat.waitFor(
      async () =>
        (await environment.simulator.faults.list()).some(({ acted }) => acted > 0) ? true : undefined,
      'a blocked claim',
    );
    expect((await postToJob(body, verb)).status).toBe(200);
    return body;
  });
  return { job, names };
}

const count = ({ steps }: Job, state: string): number => steps.filter((step) => step.state === state).length;

test('a cancelled wave sends only the claimed writes, and skips the rest [OP-8]', async () => {
  const { job, names } = await inMidWave(0, 'cancel');
  const ended = await environment.lifeboat.waitForJobEnd(job.id);
  expect(await failoversOf(names)).toBe(5);
  expect(ended).toMatchObject({ state: 'cancelled' });
  expect([count(ended, 'succeeded'), count(ended, 'skipped')]).toEqual([5, WAVE - 5]);
  expect(new Set(ended.exceptions.map(({ code }) => code))).toEqual(new Set(['JobCancelled']));
  // Another job can start the skipped step, because no job locks its VM.
  const left = ended.steps.find(({ state }) => state === 'skipped');
  expect(await environment.lifeboat.runToEnd({ operation: 'failover', vms: [left?.target] })).toMatchObject({
    state: 'completed',
  });
});

test('a paused wave sends nothing, and sends each write once after the resume [OP-8]', async () => {
  const { job, names } = await inMidWave(WAVE, 'pause');
  await environment.lifeboat.waitFor(
    async () => (count(await environment.lifeboat.readJob(job.id), 'succeeded') === 5 ? true : undefined),
    'the end of the sent writes',
  );
  expect(await failoversOf(names)).toBe(5);
  const paused = await environment.lifeboat.readJob(job.id);
  expect([paused.state, count(paused, 'waiting')]).toEqual(['running', WAVE - 5]);
  expect((await postToJob(job, 'resume')).status).toBe(200);
  expect(await environment.lifeboat.waitForJobEnd(job.id)).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
  expect(await failoversOf(names)).toBe(WAVE);
});

test('a write outlasts a dozen throttles, and a retry mends ten lost writes [OP-6]', async () => {
  const [throttled, cut] = environment.vms.slice(2 * WAVE);
  if (!throttled || !cut) throw new Error('The environment is used up.');
  const write = (name: string) =>
    ({ service: 'arm', method: 'POST', path: `/${name}/unplannedFailover`, point: 'received' }) as const;
  const later = {
    kind: 'status',
    status: 429,
    headers: { 'retry-after': '5' },
    body: { error: { code: 'TooManyRequests', message: 'slow down' } },
  } as const;
  const patient = await withFault(
    environment.simulator,
    { ...write(throttled.name), times: 12, do: later },
    () => environment.lifeboat.runToEnd({ operation: 'failover', vms: [throttled.id] }),
  );
  expect(patient.acted).toBe(12);
  expect(patient.result).toMatchObject({ state: 'completed', steps: [{ state: 'succeeded', attempts: 13 }] });
  const { result: job } = await withFault(
    environment.simulator,
    { ...write(cut.name), times: 10, do: { kind: 'cut' } },
    () => environment.lifeboat.runToEnd({ operation: 'failover', vms: [cut.id] }),
  );
  expect(job).toMatchObject({
    state: 'failed',
    steps: [{ state: 'failed', attempts: 10, error: { code: 'TooManyAttempts' } }],
  });
  expect((await postToJob(job, 'retry')).status).toBe(202);
  expect(await environment.lifeboat.waitForJobEnd(job.id)).toMatchObject({
    state: 'completed',
    steps: [{ state: 'succeeded', attempts: 11 }],
  });
  expect(await failoversOf(new Set([throttled.name, cut.name]))).toBe(2);
});
