// What keeps the news true: each scene is green with its guard, and red without it.
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import type { EntryDocument } from '../../shared/outbox/documents.ts';
import { runNow } from '../../local/caller.ts';
import { commandFor } from '../chaos/kill.ts';
import { buildMutant, type Mutant, type Mutation } from '../support/mutant.ts';
import { databaseOf, distinct, listening, type Listening } from '../support/news.ts';
import { comes, patienceWith } from '../support/patience.ts';
import { polite } from '../support/receiver.ts';

type Act = (world: Listening, patience: number) => Promise<unknown>;
/** A call may take so long, and a lease three times as long. */
const TIMEOUT_SECONDS = 1;

async function on(act: Act, timeoutSeconds = TIMEOUT_SECONDS, mutation?: Mutation): Promise<unknown> {
  let mutant: Mutant | undefined;
  let world: Listening | undefined;
  try {
    mutant = mutation && (await buildMutant(mutation));
    world = await listening(1, {
      env: { LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: String(timeoutSeconds) },
      ...(mutant && { app: mutant.app }),
    });
    return await act(world, patienceWith(mutation));
  } finally {
    await world?.stop();
    mutant?.remove();
  }
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const sent = async ({ lifeboat, vms }: Listening): Promise<string> =>
  (await lifeboat.send(commandFor('failover', vms))).body.id;
const calls = ({ receiver }: Listening, number: number): number =>
  receiver.calls.filter((call) => call.event.data['number'] === number).length;
const numbers = (events: readonly CloudEvent[]) => events.map((event) => event.data['number']);

async function heldAt({ simulator, lifeboat }: Listening, id: string): Promise<void> {
  await lifeboat.until(
    async () => (await simulator.faults.list()).find((rule) => rule.id === id && rule.acted > 0),
    `a call held by ${id}`,
  );
}

/**
 * A relay has claimed the target and does not hear of it until its lease is over; then another
 * relay has told what there was.
 */
const sleepsPastItsLease: Act = async (world, patience) => {
  const { simulator, lifeboat, receiver } = world;
  await simulator.faults.add({
    id: 'claim',
    service: 'cosmos',
    path: '/colls/jobs/docs',
    body: '"target":"callback:tickets","delivered":0,.*"owner"',
    point: 'applied',
    times: 1,
    do: { kind: 'hold' },
  });
  const jobId = await sent(world);
  await heldAt(world, 'claim');
  await pause(3 * TIMEOUT_SECONDS + 0.2);
  await runNow(simulator, 'relay');
  await lifeboat.until(
    () => Promise.resolve(receiver.taken(jobId).length >= 2 || undefined),
    'what the other relay tells',
  );
  await simulator.faults.remove('claim');
  const job = await lifeboat.ended(jobId);
  await world.told(jobId);
  const isRepeated = (): boolean => receiver.taken(jobId).length > distinct(receiver.taken(jobId)).length;
  return { job: job.state, repeated: await comes(isRepeated, patience) };
};

/** While one relay waits for the receiver's answer, another comes by. */
const twoAtOnce: Act = async (world, patience) => {
  world.receiver.behave(() => 'hang');
  await sent(world);
  await world.lifeboat.until(() => Promise.resolve(calls(world, 1) > 0 || undefined), 'the first call');
  await runNow(world.simulator, 'relay');
  await comes(() => calls(world, 1) > 1, patience);
  return { callsAtOnce: calls(world, 1) };
};

/** The receiver refuses the second event once. */
const refusesOnce: Act = async (world) => {
  let refusals = 1;
  world.receiver.behave((event) =>
    event.data['number'] === 2 && refusals-- > 0 ? { status: 500 } : { status: 200 },
  );
  const events = await world.told(await sent(world));
  return {
    whole: numbers(distinct(events)).every((number, i) => number === i + 1),
    firstTold: events.filter((event) => event.data['number'] === 1).length,
  };
};

/** News come one after the other, and each time the target is told what it does not have. */
const goesOnWhereItStood: Act = async (world) => {
  world.receiver.behave(polite);
  const jobId = await sent(world);
  await world.told(jobId);
  return { toldAgain: calls(world, 1) > 1 };
};

/** The look for entries of one job; the timer's look at all jobs is another. */
const LOOK = "@partition AND \\(c.type = 'news' AND c.number = 0\\)";

/** As a query over several pages may, the first look sees what came later and not what came before it. */
const looksWhileOthersWrite: Act = async (world) => {
  const { simulator, lifeboat } = world;
  const jobs = databaseOf(simulator).container('jobs');
  await simulator.faults.add({
    id: 'relay',
    service: 'cosmos',
    method: 'POST',
    path: '/colls/jobs/docs',
    body: LOOK,
    point: 'received',
    do: { kind: 'hold' },
  });
  const jobId = await sent(world);
  await heldAt(world, 'relay');
  const running = await lifeboat.until(async () => {
    const entries = await jobs.items
      .query<EntryDocument>("SELECT * FROM c WHERE c.type = 'news'", { partitionKey: jobId })
      .fetchAll();
    return entries.resources.find((entry) => entry.news === 'lifeboat.job.running');
  }, 'two pieces of news');
  await simulator.faults.add({
    id: 'look',
    service: 'cosmos',
    method: 'POST',
    path: '/colls/jobs/docs',
    body: LOOK,
    point: 'applied',
    times: 1,
    do: {
      kind: 'status',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { _rid: '', Documents: [running], _count: 1 },
    },
  });
  await simulator.faults.remove('relay');
  const events = await world.told(jobId);
  return { first: events[0]?.type };
};

interface Guard {
  readonly name: string;
  readonly act: Act;
  readonly timeoutSeconds?: number;
  readonly truth: object;
  readonly mutation: Mutation;
  readonly without: object;
}

const DELIVER = 'shared/delivery/deliver.ts';
const GUARDS: readonly Guard[] = [
  {
    name: "the look at one's lease: who slept past it sends nothing",
    act: sleepsPastItsLease,
    truth: { job: 'completed', repeated: false },
    without: { repeated: true },
    mutation: { file: DELIVER, find: '- tries * timeout() * 1000', replace: '+ Infinity * tries' },
  },
  {
    name: 'the lease: one relay tells a target at a time',
    act: twoAtOnce,
    timeoutSeconds: 10,
    truth: { callsAtOnce: 1 },
    without: { callsAtOnce: 2 },
    mutation: {
      file: DELIVER,
      find: 'Date.parse(lease.until) > Date.now()',
      replace: 'Date.parse(lease.until) > Infinity',
    },
  },
  {
    name: 'told, then marked: what was refused is told again',
    act: refusesOnce,
    truth: { whole: true, firstTold: 1 },
    without: { whole: false },
    mutation: {
      file: DELIVER,
      find: 'const outcome = await target',
      replace:
        'position = (await saveDelivery(position, { delivered: entry.number })) ?? position; ' +
        'const outcome = await target',
    },
  },
  {
    name: 'the stored position: it goes on where it stood',
    act: goesOnWhereItStood,
    truth: { toldAgain: false },
    without: { toldAgain: true },
    mutation: { file: DELIVER, find: 'position.delivered + 1, last, AT_ONCE', replace: '1, last, AT_ONCE' },
  },
  {
    name: 'two looks that show the same: what came before is numbered before',
    act: looksWhileOthersWrite,
    truth: { first: 'lifeboat.job.accepted' },
    without: { first: 'lifeboat.job.running' },
    mutation: {
      file: 'shared/journal/outbox.ts',
      find: 'const again = await unnumbered(jobId)',
      replace: 'const again = seen',
    },
  },
];

describe.each(GUARDS)('[TRG-5] $name', ({ act, timeoutSeconds, truth, mutation, without }) => {
  test('with it', async () => expect(await on(act, timeoutSeconds)).toEqual(truth));
  test('without it this test is red', async () => {
    const shown = await on(act, timeoutSeconds, mutation);
    expect(shown).not.toEqual(truth);
    expect(shown).toMatchObject(without);
  });
});
