// Three guards keep a thing from being done twice or told wrongly. Each scene is green with its
// guard, and red without it.
import { vaultKeyOf } from '../../shared/core/ids.ts';
import { commandFor, play, VERB } from '../chaos/kill.ts';
import { buildMutant, type Mutant, type Mutation } from '../support/mutant.ts';
import { comes, patienceWith } from '../support/patience.ts';
import { letPass } from '../support/play-settings.ts';
import { scene, type Scene } from '../support/story.ts';

/** What a scene shows; the truth is the same for the app as it is and for the mutant. */
type Act = (world: Scene, patience: number) => Promise<unknown>;

async function on(act: Act, mutation?: Mutation): Promise<unknown> {
  let mutant: Mutant | undefined;
  let world: Scene | undefined;
  try {
    mutant = mutation && (await buildMutant(mutation));
    world = await scene(1, mutant ? { app: mutant.app } : {});
    return await act(world, patienceWith(mutation));
  } finally {
    await world?.simulator.stop();
    mutant?.remove();
  }
}

const only = ({ vms }: Scene) => vms.slice(0, 1);
const name = (world: Scene): string => only(world)[0]?.name ?? '';
const took = async ({ simulator }: Scene) =>
  (await simulator.siteRecovery.writes()).filter((write) => write.operation === VERB.failover).length;

/**
 * The host runs a function by hand, as its admin route does in Azure: here the same activity once
 * more, at the same time.
 */
async function runByHand({ simulator }: Scene, activity: string, input: unknown): Promise<void> {
  const answer = await fetch(new URL(`/admin/functions/${activity}`, simulator.host.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input: JSON.stringify(input) }),
  });
  if (answer.status !== 202)
    throw new Error(`The host did not run ${activity}: ${answer.status} ${await answer.text()}`);
}

const hold = async (world: Scene, id: string, rule: object) => {
  await world.simulator.faults.add({ id, ...rule, do: { kind: 'hold' } } as never);
  return async (times: number) => {
    await world.lifeboat.until(
      async () =>
        ((await world.simulator.faults.list()).find((one) => one.id === id)?.acted ?? 0) >= times ||
        undefined,
      `${times} held at ${id}`,
    );
  };
};

const sent = async (world: Scene) => (await world.lifeboat.send(commandFor('failover', only(world)))).body.id;
const startInput = async ({ lifeboat }: Scene, jobId: string, epoch: number) => {
  const [vm] = await lifeboat.replications();
  return { jobId, epoch, phase: 'failover', vaultId: vaultKeyOf(vm?.vault ?? ''), targetId: vm?.id };
};

/** Both look at the item at the same time, and find that the failover is allowed. */
const sameActivityTwice: Act = async (world) => {
  const held = await hold(world, 'looks', {
    service: 'arm',
    method: 'GET',
    path: `/replicationProtectedItems/${name(world)}(\\?|$)`,
    point: 'applied',
  });
  const jobId = await sent(world);
  await held(1);
  await runByHand(world, 'startOperation', await startInput(world, jobId, 1));
  await held(2);
  await world.simulator.faults.remove('looks');
  const job = await world.lifeboat.ended(jobId);
  return { writes: await took(world), job: job.state, attempts: job.steps[0]?.attempts };
};

/** The app dies when its write was accepted and it has not read so. */
const diesUnanswered: Act = async (world) => {
  const { job, kills } = await play(world, commandFor('failover', only(world)), (pid) => [
    {
      service: 'arm',
      method: 'POST',
      path: '/unplannedFailover',
      point: 'answered',
      times: 1,
      do: { kind: 'kill', pid },
    },
  ]);
  return { kills, writes: await took(world), job: job.state };
};

/**
 * The walk of epoch 1 is dead and epoch 2 has the job, standing before its first write, when an
 * activity of epoch 1 still wants to write.
 */
const oldWalkStillTries: Act = async (world, patience) => {
  const budget = { service: 'cosmos', path: '/colls/settings/docs/writes', point: 'received' };
  const held = await hold(world, 'budget', budget);
  const jobId = await sent(world);
  await held(1);
  await terminate(world, `${jobId}-1`);
  await terminate(world, `${jobId}-1-failover`);
  // What is held keeps the clock from jumping, so the sweep's minute is brought by hand.
  await letPass(world.simulator, 120);
  await world.lifeboat.until(
    async () => (await world.lifeboat.job(jobId)).epoch === 2 || undefined,
    'the take-over',
  );
  await held(2);
  await runByHand(world, 'startOperation', await startInput(world, jobId, 1));
  await comes(async () => (await took(world)) > 0, patience);
  const writesOfTheOld = await took(world);
  await world.simulator.faults.remove('budget');
  const job = await world.lifeboat.ended(jobId);
  return { writesOfTheOld, writes: await took(world), job: job.state, epoch: job.epoch };
};

async function terminate({ simulator }: Scene, id: string): Promise<void> {
  const answer = await fetch(
    new URL(`/runtime/webhooks/durabletask/instances/${id}/terminate?reason=dead`, simulator.host.url),
    { method: 'POST' },
  );
  if (answer.status !== 202) throw new Error(`Not terminated: ${answer.status}`);
}

const truthOf = {
  claim: { writes: 1, job: 'completed', attempts: 1 },
  proof: { kills: 1, writes: 1, job: 'completed' },
  epoch: { writesOfTheOld: 0, writes: 1, job: 'completed', epoch: 2 },
};

describe('[OP-6] the claim: the same activity run twice at the same time writes once', () => {
  test('with it', async () => expect(await on(sameActivityTwice)).toEqual(truthOf.claim));
  test('without it this test is red', async () => {
    const mutation = {
      file: 'shared/journal/saveStep.ts',
      find: '[{ replace: next, etag: step._etag }, ...attempt',
      replace: '[{ put: next }, ...attempt',
    };
    expect(await on(sameActivityTwice, mutation)).toMatchObject({ writes: 2 });
  });
});

describe('[OP-6] the proof by request id: what was accepted unread is found again', () => {
  test('with it', async () => expect(await on(diesUnanswered)).toEqual(truthOf.proof));
  test('without it this test is red', async () => {
    const mutation = {
      file: 'shared/attempts/rules/attempt.ts',
      find: 'startsWith(clientRequestId.toLowerCase())',
      replace: "startsWith('no request id')",
    };
    expect(await on(diesUnanswered, mutation)).toEqual({ kills: 1, writes: 1, job: 'failed' });
  });
});

describe('[OP-6] the epoch check: what an old walk still tries is refused', () => {
  test('with it', async () => expect(await on(oldWalkStillTries)).toEqual(truthOf.epoch));
  test('without it this test is red', async () => {
    const mutation = {
      file: 'shared/journal/job.ts',
      find: 'document.epoch !== epoch',
      replace: 'document.epoch > Infinity && epoch > 0',
    };
    expect(await on(oldWalkStillTries, mutation)).toMatchObject({ writesOfTheOld: 1 });
  });
});
