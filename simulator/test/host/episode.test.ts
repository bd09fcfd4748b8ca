import type { OrchestrationContext, Task } from 'durable-functions';
import {
  episodeBoundary,
  newReplay,
  runEpisode,
  type AskOrchestrator,
  type Replay,
} from '../../host/durable/episode.ts';
import {
  EventType,
  eventsJson,
  executionStarted,
  toTimestamp,
  taskCompleted,
  type Arrival,
} from '../../host/durable/history.ts';
import type { WaitingArrival } from '../../host/durable/store.ts';
import { runInSdk, type Program } from './run-in-sdk.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');

const item = (value: number): Arrival => ({
  EventType: EventType.eventRaised,
  EventId: -1,
  Timestamp: toTimestamp(NOW),
  Name: 'item',
  Input: String(value),
});
const arrivals = (...events: Arrival[]): WaitingArrival[] =>
  events.map((event, row) => ({ row, execution: null, event }));

/** Returns an orchestrator after its first episode. */
async function begun(
  program: Program,
): Promise<{ replay: Replay; ask: AskOrchestrator; asked: () => number }> {
  let count = 0;
  const ask: AskOrchestrator = async (history) => {
    count += 1;
    const { actions, isEnded, output } = await runInSdk(program, history);
    return { actions, isDone: isEnded, output, customStatus: null, error: undefined };
  };
  const replay = newReplay();
  const started = executionStarted('program', null, 'null', NOW);
  const { actions } = await runEpisode(replay, arrivals(started), NOW, ask);
  replay.history = eventsJson([episodeBoundary(12, NOW), started, episodeBoundary(13, NOW)], true);
  replay.actions = actions;
  return { replay, ask, asked: () => count };
}

const values = (list: readonly WaitingArrival[]) =>
  list.map(({ event }) => (event.EventType === EventType.eventRaised ? Number(event.Input) : 'task'));

describe('an orchestrator that continues as new while more events have arrived', () => {
  test('leaves unconsumed events to its next execution', async () => {
    const { replay, ask } = await begun(function* ({ df }: OrchestrationContext): Generator<Task, void> {
      yield df.Task.any([df.waitForExternalEvent('item'), df.callActivity('act')]);
      df.continueAsNew({ next: 1 });
    });
    const episode = await runEpisode(
      replay,
      arrivals(taskCompleted(5, 0, NOW, '1'), item(1), item(2)),
      NOW,
      ask,
    );
    expect(episode.ending).toEqual({ kind: 'continuesAsNew', input: '{"next":1}' });
    expect(values(episode.arrivals)).toEqual(['task']);
  });

  test('consumes the events that it waits for again, and no others', async () => {
    const { replay, ask, asked } = await begun(function* ({
      df,
    }: OrchestrationContext): Generator<Task, void> {
      const wait = df.waitForExternalEvent('item');
      yield df.Task.any([wait, df.callActivity('act')]);
      yield wait;
      df.continueAsNew(wait.result);
    });
    let left = arrivals(taskCompleted(5, 0, NOW, '1'), item(1), item(2));
    const taken: unknown[] = [];
    for (let rounds = 0; left.length > 0 && rounds < 5; rounds++) {
      const episode = await runEpisode(replay, left, NOW, ask);
      left = left.slice(episode.arrivals.length);
      taken.push(...values(episode.arrivals));
      if (episode.ending.kind === 'continuesAsNew') break;
      const arrived = episode.arrivals.map(({ event }) => event);
      replay.history += `,${eventsJson([episodeBoundary(12, NOW), ...arrived, episodeBoundary(13, NOW)], true)}`;
      replay.actions = episode.actions;
    }
    expect(taken).toEqual(['task', 1]);
    expect(values(left)).toEqual([2]);
    expect(asked()).toBeLessThanOrEqual(5);
  });
});
