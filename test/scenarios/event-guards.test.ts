// The guards of event delivery: each scenario passes with its guard, and fails without it.
import type { CloudEvent } from '../../shared/delivery/cloudEvent.ts';
import type { EventDocument } from '../../shared/outbox/documents.ts';
import { runFunctionNow } from '../../local/api-client.ts';
import { commandFor } from '../chaos/run-with-kills.ts';
import { buildMutantApp, type MutantApp, type Mutation } from '../support/mutant.ts';
import {
  openDatabase,
  distinctEvents,
  startEventEnvironment,
  type EventEnvironment,
} from '../support/event-environment.ts';
import { happensWithin, waitSeconds } from '../support/happens-within.ts';
import { acceptEvery } from '../support/receiver.ts';

type Act = (environment: EventEnvironment, patience: number) => Promise<unknown>;
/** The time-out of a call. A lease lasts three times as long. */
const TIMEOUT_SECONDS = 1;

async function on(act: Act, timeoutSeconds = TIMEOUT_SECONDS, mutation?: Mutation): Promise<unknown> {
  let mutant: MutantApp | undefined;
  let environment: EventEnvironment | undefined;
  try {
    mutant = mutation && (await buildMutantApp(mutation));
    environment = await startEventEnvironment(1, {
      env: { LIFEBOAT_CALLBACK_TIMEOUT_SECONDS: String(timeoutSeconds) },
      ...(mutant && { app: mutant.app }),
    });
    return await act(environment, waitSeconds(mutation));
  } finally {
    await environment?.stop();
    mutant?.remove();
  }
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const sendFailover = async ({ lifeboat, vms }: EventEnvironment): Promise<string> =>
  (await lifeboat.send(commandFor('failover', vms))).body.id;
const countCalls = ({ receiver }: EventEnvironment, number: number): number =>
  receiver.calls.filter((call) => call.event.data['number'] === number).length;
const numbers = (events: readonly CloudEvent[]) => events.map((event) => event.data['number']);

async function waitForBlockedCall({ simulator, lifeboat }: EventEnvironment, id: string): Promise<void> {
  await lifeboat.waitFor(
    async () => (await simulator.faults.list()).find((rule) => rule.id === id && rule.acted > 0),
    `a blocked call by ${id}`,
  );
}

/**
 * A relay claims the target, and hears of this only after its lease has ended. Meanwhile another
 * relay has delivered the events.
 */
const sleepsPastItsLease: Act = async (environment, patience) => {
  const { simulator, lifeboat, receiver } = environment;
  await simulator.faults.add({
    id: 'claim',
    service: 'cosmos',
    path: '/colls/jobs/docs',
    body: '"target":"callback:tickets","delivered":0,.*"owner"',
    point: 'applied',
    times: 1,
    do: { kind: 'hold' },
  });
  const jobId = await sendFailover(environment);
  await waitForBlockedCall(environment, 'claim');
  await pause(3 * TIMEOUT_SECONDS + 0.2);
  await runFunctionNow(simulator, 'relay');
  await lifeboat.waitFor(
    () => Promise.resolve(receiver.acceptedEvents(jobId).length >= 2 || undefined),
    'the deliveries of the other relay',
  );
  await simulator.faults.remove('claim');
  const job = await lifeboat.waitForJobEnd(jobId);
  await environment.waitForJobEvents(jobId);
  const isRepeated = (): boolean =>
    receiver.acceptedEvents(jobId).length > distinctEvents(receiver.acceptedEvents(jobId)).length;
  return { job: job.state, repeated: await happensWithin(isRepeated, patience) };
};

/** Another relay runs while one relay waits for the receiver's answer. */
const twoAtOnce: Act = async (environment, patience) => {
  environment.receiver.respondWith(() => 'hang');
  await sendFailover(environment);
  await environment.lifeboat.waitFor(
    () => Promise.resolve(countCalls(environment, 1) > 0 || undefined),
    'the first call',
  );
  await runFunctionNow(environment.simulator, 'relay');
  await happensWithin(() => countCalls(environment, 1) > 1, patience);
  return { callsAtOnce: countCalls(environment, 1) };
};

/** The receiver refuses the second event once. */
const refusesOnce: Act = async (environment) => {
  let refusals = 1;
  environment.receiver.respondWith((event) =>
    event.data['number'] === 2 && refusals-- > 0 ? { status: 500 } : { status: 200 },
  );
  const events = await environment.waitForJobEvents(await sendFailover(environment));
  return {
    whole: numbers(distinctEvents(events)).every((number, i) => number === i + 1),
    firstTold: events.filter((event) => event.data['number'] === 1).length,
  };
};

/** Events come one after the other, and each delivery sends only the missing ones. */
const goesOnWhereItStood: Act = async (environment) => {
  environment.receiver.respondWith(acceptEvery);
  const jobId = await sendFailover(environment);
  await environment.waitForJobEvents(jobId);
  return { toldAgain: countCalls(environment, 1) > 1 };
};

/** The relay's query for the events of one job. The timer's query for all jobs is another. */
const EVENTS_QUERY = "@partition AND \\(c.type = 'news' AND c.number = 0\\)";

/** The first query sees a later event and misses an earlier one, as a query over several pages may. */
const readsWhileOthersWrite: Act = async (environment) => {
  const { simulator, lifeboat } = environment;
  const jobs = openDatabase(simulator).container('jobs');
  await simulator.faults.add({
    id: 'relay',
    service: 'cosmos',
    method: 'POST',
    path: '/colls/jobs/docs',
    body: EVENTS_QUERY,
    point: 'received',
    do: { kind: 'hold' },
  });
  const jobId = await sendFailover(environment);
  await waitForBlockedCall(environment, 'relay');
  const running = await lifeboat.waitFor(async () => {
    const entries = await jobs.items
      .query<EventDocument>("SELECT * FROM c WHERE c.type = 'news'", { partitionKey: jobId })
      .fetchAll();
    return entries.resources.find((entry) => entry.news === 'lifeboat.job.running');
  }, 'two events');
  await simulator.faults.add({
    id: 'look',
    service: 'cosmos',
    method: 'POST',
    path: '/colls/jobs/docs',
    body: EVENTS_QUERY,
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
  const events = await environment.waitForJobEvents(jobId);
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

const DELIVER = 'shared/delivery/deliverEvents.ts';
const GUARDS: readonly Guard[] = [
  {
    name: 'the check of the lease: a relay past its lease sends nothing',
    act: sleepsPastItsLease,
    truth: { job: 'completed', repeated: false },
    without: { repeated: true },
    mutation: { file: DELIVER, find: '- tries * tryTimeoutSeconds() * 1000', replace: '+ Infinity * tries' },
  },
  {
    name: 'the lease: one relay delivers to a target at a time',
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
    name: 'delivered, then marked: the relay repeats a refused event',
    act: refusesOnce,
    truth: { whole: true, firstTold: 1 },
    without: { whole: false },
    mutation: {
      file: DELIVER,
      find: 'const result = await target',
      replace:
        'position = (await saveDelivery(position, { delivered: entry.number })) ?? position; ' +
        'const result = await target',
    },
  },
  {
    name: 'the stored position: the relay continues there',
    act: goesOnWhereItStood,
    truth: { toldAgain: false },
    without: { toldAgain: true },
    mutation: {
      file: DELIVER,
      find: 'position.delivered + 1, last, MAX_EVENTS_PER_READ',
      replace: '1, last, MAX_EVENTS_PER_READ',
    },
  },
  {
    name: 'two equal reads: an earlier event gets an earlier number',
    act: readsWhileOthersWrite,
    truth: { first: 'lifeboat.job.accepted' },
    without: { first: 'lifeboat.job.running' },
    mutation: {
      file: 'shared/journal/outbox.ts',
      find: 'const secondRead = await listUnnumberedEvents(jobId)',
      replace: 'const secondRead = firstRead',
    },
  },
];

describe.each(GUARDS)('$name [TRG-5]', ({ act, timeoutSeconds, truth, mutation, without }) => {
  test('with its guard', async () => expect(await on(act, timeoutSeconds)).toEqual(truth));
  test('without its guard this test fails', async () => {
    const result = await on(act, timeoutSeconds, mutation);
    expect(result).not.toEqual(truth);
    expect(result).toMatchObject(without);
  });
});
