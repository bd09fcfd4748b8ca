import type { OrchestrationContext, Task } from 'durable-functions';
import {
  EventType,
  eventsJson,
  executionStarted,
  toTimestamp,
  taskCompleted,
  taskFailed,
  type Arrival,
  type HistoryEvent,
} from '../../host/durable/history.ts';
import { TaskNumbering, type ScheduledTask } from '../../host/durable/task-numbering.ts';
import { Random } from './seeded-random.ts';
import { EVENT_NAMES, orchestrator, randomProgram } from './random-program.ts';
import { runInSdk } from './run-in-sdk.ts';

const START = Date.parse('2030-01-01T00:00:00Z');

interface Episode {
  readonly events: readonly HistoryEvent[];
  readonly arrivals: readonly Arrival[];
  readonly now: number;
  readonly actions: number;
}

/**
 * Plays the host between two episodes: some open work ends, with success or failure, and events
 * arrive.
 */
function someArrivals(random: Random, open: Map<number, ScheduledTask>, now: number): Arrival[] {
  const ids = [...open.keys()];
  const arrivals: Arrival[] = [];
  const count = 1 + random.below(4);
  for (let i = 0; i < count && ids.length > 0; i++) {
    const [id] = ids.splice(random.below(ids.length), 1);
    const decision = open.get(id ?? -1);
    if (!decision) continue;
    open.delete(decision.id);
    arrivals.push(endOf(random, decision, now));
  }
  while (random.chance(0.4)) {
    arrivals.splice(random.below(arrivals.length + 1), 0, {
      EventType: EventType.eventRaised,
      EventId: -1,
      Timestamp: toTimestamp(now),
      Name: random.pick(EVENT_NAMES),
      Input: '1',
    });
  }
  return arrivals;
}

function endOf(random: Random, decision: ScheduledTask, now: number): Arrival {
  if (decision.kind === 'timer')
    return {
      EventType: EventType.timerFired,
      EventId: -1,
      Timestamp: toTimestamp(now),
      TimerId: decision.id,
      FireAt: toTimestamp(now),
    };
  const child = decision.kind === 'child';
  return random.chance(0.4)
    ? taskFailed(child ? 9 : 6, decision.id, now, 'no')
    : taskCompleted(child ? 8 : 5, decision.id, now, '1');
}

const mark = (type: 12 | 13, now: number): HistoryEvent => ({
  EventType: type,
  EventId: -1,
  Timestamp: toTimestamp(now),
});
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

function feedEpisode(walker: TaskNumbering, { arrivals, now }: Episode): ScheduledTask[] {
  walker.begin(now);
  return arrivals.flatMap((arrival) => walker.feed(arrival));
}

/**
 * Runs one random program to its end, or for 60 episodes. Returns the number of compared episodes.
 */
async function compare(seed: number, order: boolean): Promise<{ episodes: number; different: boolean }> {
  const random = new Random(seed);
  const program = orchestrator(randomProgram(random));
  const walker = new TaskNumbering();
  const open = new Map<number, ScheduledTask>();
  const past: Episode[] = [];
  let arrivals: Arrival[] = [executionStarted('program', null, 'null', START)];
  for (let n = 0; n < 60; n++) {
    const now = START + n * 1_000;
    const ordered = order
      ? walker.sortArrivals(arrivals.map((event) => ({ event }))).map(({ event }) => event)
      : arrivals;
    const events = [mark(12, now), ...ordered, mark(13, now)];
    const history = [
      eventsJson(
        past.flatMap((episode) => episode.events),
        true,
      ),
      eventsJson(events, false),
    ]
      .filter(Boolean)
      .join(',');
    const sdk = await runInSdk(program, history);
    walker.setActions(sdk.actions);
    past.push({ events, arrivals: ordered, now, actions: sdk.actions.length });
    for (const decision of feedEpisode(walker, { events, arrivals: ordered, now, actions: 0 }))
      open.set(decision.id, decision);
    for (const id of walker.takeCancelledTimers()) open.delete(id);
    if (sdk.isEnded) break;
    const same = (one: TaskNumbering) =>
      one.sequence === sdk.sequence && sorted(one.openTasks).join() === sorted(sdk.openTasks).join();
    if (!same(walker) || !same(rebuilt(past, sdk.actions))) return { episodes: past.length, different: true };
    arrivals = someArrivals(random, open, now);
    if (arrivals.length === 0) break;
  }
  return { episodes: past.length, different: false };
}

/**
 * Rebuilds the task numbering as a host does after a restart: episode by episode, each with only
 * the actions known at its end.
 */
function rebuilt(
  past: readonly Episode[],
  actions: Parameters<TaskNumbering['setActions']>[0],
): TaskNumbering {
  const walker = new TaskNumbering();
  for (const episode of past) {
    walker.setActions(actions.slice(0, episode.actions));
    feedEpisode(walker, episode);
  }
  return walker;
}

async function fuzz(programs: number, firstSeed: number, order = true) {
  let episodes = 0;
  const different: number[] = [];
  for (let seed = firstSeed; seed < firstSeed + programs; seed++) {
    const result = await compare(seed, order);
    episodes += result.episodes;
    if (result.different) different.push(seed);
  }
  return { episodes, different };
}

describe('the task numbering', () => {
  test('matches the SDK in 4,000 random programs', async () => {
    const { episodes, different } = await fuzz(4_000, 1);
    expect(different).toEqual([]);
    expect(episodes).toBeGreaterThan(20_000);
  });

  test('would not match if arrivals that continue a retry were not last', async () => {
    const { different } = await fuzz(200, 300, false);
    expect(different.length).toBeGreaterThan(0);
  });

  test('gives an event to the newest waiter and keeps events without a waiter', async () => {
    function* program({ df }: OrchestrationContext): Generator<Task, void> {
      yield df.Task.any([
        df.waitForExternalEvent('go'),
        df.Task.all([df.waitForExternalEvent('go'), df.callActivity('act')]),
      ]);
    }
    const raised = (name: string): Arrival => ({
      EventType: EventType.eventRaised,
      EventId: -1,
      Timestamp: toTimestamp(START),
      Name: name,
      Input: '',
    });
    const started = executionStarted('program', null, 'null', START);
    const { actions } = await runInSdk(program, eventsJson([mark(12, START), started], false));
    const walker = new TaskNumbering();
    walker.setActions(actions);
    walker.feed(started);
    walker.feed(raised('other'));
    expect(walker.unclaimedEvents.map(({ Name }) => Name)).toEqual(['other']);
    walker.feed(raised('go'));
    expect(walker.openTasks).toEqual([0]);
    walker.feed(raised('go'));
    walker.feed(raised('go'));
    expect(walker.unclaimedEvents.map(({ Name }) => Name)).toEqual(['other', 'go']);
  });

  test('refuses actions that this host does not perform', () => {
    const walker = new TaskNumbering();
    walker.setActions([{ actionType: 8 }]);
    expect(() => walker.feed(executionStarted('program', null, 'null', START))).toThrow(
      'the action CallHttp is not known to this host',
    );
  });
});
