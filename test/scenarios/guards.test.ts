// Three guards prevent a second write or a wrong report. Each scenario passes with its guard, and
// fails without it.
import { HOST_KEY_HEADERS } from '../../simulator/simulator.ts';
import { vaultKeyOf } from '../../shared/core/ids.ts';
import { commandFor, runWithFaults, ARM_VERBS } from '../chaos/run-with-kills.ts';
import { buildMutantApp, type MutantApp, type Mutation } from '../support/mutant.ts';
import { happensWithin, waitSeconds } from '../support/happens-within.ts';
import { advanceTime } from '../support/test-settings.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

/** The observations of a scenario. The check is the same for the app and for the mutant. */
type Act = (environment: TestEnvironment, patience: number) => Promise<unknown>;

async function on(act: Act, mutation?: Mutation): Promise<unknown> {
  let mutant: MutantApp | undefined;
  let environment: TestEnvironment | undefined;
  try {
    mutant = mutation && (await buildMutantApp(mutation));
    environment = await startTestEnvironment(1, mutant ? { app: mutant.app } : {});
    return await act(environment, waitSeconds(mutation));
  } finally {
    await environment?.simulator.stop();
    mutant?.remove();
  }
}

const only = ({ vms }: TestEnvironment) => vms.slice(0, 1);
const name = (environment: TestEnvironment): string => only(environment)[0]?.name ?? '';
const took = async ({ simulator }: TestEnvironment) =>
  (await simulator.siteRecovery.writes()).filter((write) => write.operation === ARM_VERBS.failover).length;

/**
 * The host runs a function by hand, as its admin route does in Azure. Here it runs the same
 * activity again at the same time.
 */
async function runByHand({ simulator }: TestEnvironment, activity: string, input: unknown): Promise<void> {
  const answer = await fetch(new URL(`/admin/functions/${activity}`, simulator.host.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...HOST_KEY_HEADERS },
    body: JSON.stringify({ input: JSON.stringify(input) }),
  });
  if (answer.status !== 202)
    throw new Error(`The host did not run ${activity}: ${answer.status} ${await answer.text()}`);
}

const blockRequest = async (environment: TestEnvironment, id: string, rule: object) => {
  await environment.simulator.faults.add({ id, ...rule, do: { kind: 'hold' } } as never);
  return async (times: number) => {
    await environment.lifeboat.waitFor(
      async () =>
        ((await environment.simulator.faults.list()).find((fault) => fault.id === id)?.acted ?? 0) >= times ||
        undefined,
      `${times} blocked at ${id}`,
    );
  };
};

const sendFailover = async (environment: TestEnvironment) =>
  (await environment.lifeboat.send(commandFor('failover', only(environment)))).body.id;
const startInput = async ({ lifeboat }: TestEnvironment, jobId: string, epoch: number) => {
  const [vm] = await lifeboat.listReplications();
  return { jobId, epoch, phase: 'failover', vaultId: vaultKeyOf(vm?.vault ?? ''), targetId: vm?.id };
};

/** Both executions read the item at the same time, and find that it allows the failover. */
const sameActivityTwice: Act = async (environment) => {
  const blocked = await blockRequest(environment, 'looks', {
    service: 'arm',
    method: 'GET',
    path: `/replicationProtectedItems/${name(environment)}(\\?|$)`,
    point: 'applied',
  });
  const jobId = await sendFailover(environment);
  await blocked(1);
  await runByHand(environment, 'startOperation', await startInput(environment, jobId, 1));
  await blocked(2);
  await environment.simulator.faults.remove('looks');
  const job = await environment.lifeboat.waitForJobEnd(jobId);
  return { writes: await took(environment), job: job.state, attempts: job.steps[0]?.attempts };
};

/** The app dies after Azure accepted its write, and before it reads the answer. */
const diesUnanswered: Act = async (environment) => {
  const { job, kills } = await runWithFaults(
    environment,
    commandFor('failover', only(environment)),
    (pid) => [
      {
        service: 'arm',
        method: 'POST',
        path: '/unplannedFailover',
        point: 'answered',
        times: 1,
        do: { kind: 'kill', pid },
      },
    ],
  );
  return { kills, writes: await took(environment), job: job.state };
};

/**
 * The orchestration of epoch 1 is dead, and epoch 2 stands before its first write. Then an activity
 * of epoch 1 tries to write.
 */
const oldOrchestrationStillWrites: Act = async (environment, patience) => {
  const budget = { service: 'cosmos', path: '/colls/settings/docs/writes', point: 'received' };
  const blocked = await blockRequest(environment, 'budget', budget);
  const jobId = await sendFailover(environment);
  await blocked(1);
  await terminate(environment, `${jobId}-1`);
  await terminate(environment, `${jobId}-1-failover`);
  // The blocked request keeps the clock from jumping, so the test advances time for the sweep.
  await advanceTime(environment.simulator, 120);
  await environment.lifeboat.waitFor(
    async () => (await environment.lifeboat.readJob(jobId)).epoch === 2 || undefined,
    'the take-over',
  );
  await blocked(2);
  await runByHand(environment, 'startOperation', await startInput(environment, jobId, 1));
  await happensWithin(async () => (await took(environment)) > 0, patience);
  const writesOfTheOld = await took(environment);
  await environment.simulator.faults.remove('budget');
  const job = await environment.lifeboat.waitForJobEnd(jobId);
  return { writesOfTheOld, writes: await took(environment), job: job.state, epoch: job.epoch };
};

async function terminate({ simulator }: TestEnvironment, id: string): Promise<void> {
  const answer = await fetch(
    new URL(`/runtime/webhooks/durabletask/instances/${id}/terminate?reason=dead`, simulator.host.url),
    { method: 'POST', headers: HOST_KEY_HEADERS },
  );
  if (answer.status !== 202) throw new Error(`Not terminated: ${answer.status}`);
}

const truthOf = {
  claim: { writes: 1, job: 'completed', attempts: 1 },
  proof: { kills: 1, writes: 1, job: 'completed' },
  epoch: { writesOfTheOld: 0, writes: 1, job: 'completed', epoch: 2 },
};

describe('the claim: two simultaneous runs of the same activity write once [OP-6]', () => {
  test('with its guard', async () => expect(await on(sameActivityTwice)).toEqual(truthOf.claim));
  test('without its guard this test fails', async () => {
    const mutation = {
      file: 'shared/journal/saveStep.ts',
      find: '[{ replace: next, etag: step._etag }, ...attempt',
      replace: '[{ put: next }, ...attempt',
    };
    expect(await on(sameActivityTwice, mutation)).toMatchObject({ writes: 2 });
  });
});

describe('the proof by request id finds an accepted write whose answer was lost [OP-6]', () => {
  test('with its guard', async () => expect(await on(diesUnanswered)).toEqual(truthOf.proof));
  test('without its guard this test fails', async () => {
    const mutation = {
      file: 'shared/attempts/rules/attemptRules.ts',
      find: 'startsWith(clientRequestId.toLowerCase())',
      replace: "startsWith('no request id')",
    };
    expect(await on(diesUnanswered, mutation)).toEqual({ kills: 1, writes: 1, job: 'failed' });
  });
});

describe('the epoch check refuses a late write of an old orchestration [OP-6]', () => {
  test('with its guard', async () => expect(await on(oldOrchestrationStillWrites)).toEqual(truthOf.epoch));
  test('without its guard this test fails', async () => {
    const mutation = {
      file: 'shared/journal/job.ts',
      find: 'document.epoch !== epoch',
      replace: 'document.epoch > Infinity && epoch > 0',
    };
    expect(await on(oldOrchestrationStillWrites, mutation)).toMatchObject({ writesOfTheOld: 1 });
  });
});
