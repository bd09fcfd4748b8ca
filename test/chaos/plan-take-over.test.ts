// One failover of a plan with many disturbances. Two take-overs happen while the old orchestration
// hangs in a write. A pause spans a kill, and an answer comes while the app is down.
import { randomUUID } from 'node:crypto';
import {
  SHOP_PLAN,
  answerUntilEnd,
  assertPlanOutcome,
  startPlanEnvironment,
  sendAccepted,
  readWriteJobIds,
} from './plan-environment.ts';
import { answerQuestion } from '../../shared/jobs/answerQuestion.ts';
import type { Job, Step } from '../support/lifeboat-client.ts';
import type { EventEnvironment } from '../support/event-environment.ts';
import { waitForQuestions } from '../support/plans.ts';
import type { NewFaultRule } from '../support/test-environment.ts';
import { jobsRequest } from './boundaries.ts';

let environment: EventEnvironment;
beforeAll(async () => {
  environment = await startPlanEnvironment();
});
afterAll(() => environment.stop());

const postToJob = async (job: Job, verb: string, body: object, who = 'operator'): Promise<void> => {
  const { status } = await environment.lifeboat.call(`/api/v1/jobs/${job.id}/${verb}`, {
    method: 'POST',
    body,
    principal: who,
  });
  expect({ verb, status: Math.floor(status / 100) }).toEqual({ verb, status: 2 });
};
const seen = (job: Job, what: string, is: (now: Job) => boolean): Promise<Job> =>
  environment.lifeboat.waitFor(
    async () => {
      const now = await environment.lifeboat.readJob(job.id);
      return is(now) ? now : undefined;
    },
    what,
    120,
    () => environment.lifeboat.readJob(job.id),
  );
const stepOf = (job: Job, name: string, phase: string): Step | undefined =>
  job.steps.find((step) => step.name === name && step.phase === phase);

interface Hanging {
  /** Resolves when the old orchestration hangs. */
  caught(): Promise<void>;
  release(): Promise<void>;
}

async function hang(rule: Omit<NewFaultRule, 'do' | 'point' | 'times'>): Promise<Hanging> {
  const id = randomUUID();
  await environment.simulator.faults.add({ ...rule, id, point: 'received', times: 1, do: { kind: 'hold' } });
  return {
    caught: async () => {
      await environment.lifeboat.waitFor(
        async () =>
          (await environment.simulator.faults.list()).find((fault) => fault.id === id)?.acted === 1
            ? true
            : undefined,
        'the hanging orchestration',
      );
    },
    release: () => environment.simulator.faults.remove(id),
  };
}

test('the newest epoch ends the job after two take-overs and a kill [OP-6] [OP-8] [OP-9]', async () => {
  const before = await readWriteJobIds(environment);
  const blockedPlanning = await hang(jobsRequest('"operationType":"Create".*"type":"step"'));
  const job = await sendAccepted(environment, { operation: 'failover', plan: SHOP_PLAN });
  await blockedPlanning.caught();
  await postToJob(job, 'take-over', { reason: 'It hangs while it lays out.' }, 'contributor');
  await seen(
    job,
    'the steps of epoch 2',
    ({ epoch, steps }) => epoch === 2 && steps.some(({ state }) => state === 'started'),
  );
  const giving = await hang(jobsRequest('"type":"step".*"phase":"action".*"state":"waiting"'));
  // The document that the first orchestration was about to write exists already at a newer epoch.
  // The first orchestration must not change it.
  await blockedPlanning.release();

  await giving.caught();
  await postToJob(job, 'take-over', { reason: 'It hangs again.' }, 'contributor');
  const waiting = await seen(
    job,
    'the wait before the second group',
    (now) => stepOf(now, 'Let the data settle', 'action')?.state === 'started',
  );
  expect(waiting.epoch).toBe(3);
  await giving.release();

  await postToJob(job, 'pause', { reason: 'A person checks the network.' });
  await environment.simulator.host.kill();
  await environment.simulator.host.start();
  const paused = await seen(
    job,
    'the end of the wait',
    (now) => stepOf(now, 'Let the data settle', 'action')?.state === 'succeeded',
  );
  await environment.lifeboat.waitFor(
    async () =>
      (await environment.simulator.now()).getTime() -
        Date.parse(stepOf(paused, 'Let the data settle', 'action')?.endedAt ?? '') >
      600_000
        ? true
        : undefined,
    'ten minutes of simulated time',
  );
  expect(stepOf(await environment.lifeboat.readJob(job.id), 'app', 'failover')).toMatchObject({
    state: 'planned',
    attempts: 0,
  });
  await postToJob(job, 'resume', {});

  const {
    questions: [need],
  } = await waitForQuestions(environment, job, 1, 'manual');
  await environment.simulator.host.kill();
  // Another instance accepts the answer, and no orchestration is there to wake.
  await answerQuestion(
    job.id,
    { question: need?.id ?? '', answer: 'done', reason: 'It is open.' },
    { id: 'ada', name: 'Ada', tenant: 'contoso', roles: ['Operator'], door: 'rest' },
  );
  await environment.simulator.host.start();
  const ended = await answerUntilEnd(environment, job.id);
  expect(ended.epoch).toBe(3);
  expect(ended.log.map(({ message }) => message).join('\n')).not.toContain('was dead');
  await assertPlanOutcome(environment, 'failover', ended, before);
}, 300_000);
