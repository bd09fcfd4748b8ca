// Plays one orchestration by hand: the SDK's own replay and the host's own numbers; a test says what arrives.
import {
  decisionEvents,
  episodeMark,
  newReplay,
  runEpisode,
  type Ask,
  type Ending,
} from '../../simulator/host/durable/episode.ts';
import {
  EventType,
  eventsText,
  executionStarted,
  stamp,
  taskCompleted,
  taskFailed,
  type Arrival,
} from '../../simulator/host/durable/history.ts';
import type { InstanceRow } from '../../simulator/host/durable/store.ts';
import type { Decision } from '../../simulator/host/durable/walker.ts';
import { asking } from './recorded.ts';

type Open = Decision & { readonly fireAt?: number };

export class Played {
  readonly #row: InstanceRow;
  readonly #ask: Ask;
  readonly #replay = newReplay();
  #open: readonly Open[] = [];
  #now = 0;
  #ending: Ending = { kind: 'none' };

  private constructor(name: string, input: unknown) {
    const id = `walk-${name}`;
    this.#row = { id, execution: 'e', name, input: JSON.stringify(input) } as InstanceRow;
    this.#ask = asking({ id, parent: null, name, input: this.#row.input });
  }

  static async start(name: string, input: unknown): Promise<Played> {
    const played = new Played(name, input);
    await played.#arrive(executionStarted(name, null, played.#row.input, 0));
    return played;
  }

  /**
   * What the walk waits for, in the order in which it asked: names of activities and children, and
   * `timer`.
   */
  get asks(): readonly string[] {
    return this.#open.map((one) => (one.kind === 'timer' ? 'timer' : one.name));
  }

  get ending(): Ending {
    return this.#ending;
  }

  /** The oldest open call of this activity or child ends well. */
  answer(name: string, result: unknown): Promise<void> {
    const { id, kind } = this.#take(name);
    return this.#arrive(taskCompleted(kind === 'child' ? 8 : 5, id, this.#now, JSON.stringify(result)));
  }

  /** The oldest open call fails, as when the worker that ran it has died. */
  fail(name: string): Promise<void> {
    const { id, kind } = this.#take(name);
    return this.#arrive(
      taskFailed(
        kind === 'child' ? 9 : 6,
        id,
        this.#now,
        `Activity function '${name}' failed: WorkerProcessExitException`,
      ),
    );
  }

  /** Time goes on to the oldest open timer. */
  sleepOut(): Promise<void> {
    const { id, fireAt = 0 } = this.#take('timer');
    this.#now = Math.max(this.#now, fireAt);
    return this.#arrive({
      EventType: EventType.timerFired,
      EventId: -1,
      Timestamp: stamp(this.#now),
      TimerId: id,
      FireAt: stamp(fireAt),
    });
  }

  raise(name: string): Promise<void> {
    return this.#arrive({
      EventType: EventType.eventRaised,
      EventId: -1,
      Timestamp: stamp(this.#now),
      Name: name,
      Input: 'null',
    });
  }

  #take(name: string): Open {
    const one = this.#open[this.asks.indexOf(name)];
    if (!one) throw new Error(`The walk does not wait for ${name}, but for: ${this.asks.join(', ')}.`);
    this.#open = this.#open.filter((other) => other !== one);
    return one;
  }

  async #arrive(event: Arrival): Promise<void> {
    const replay = this.#replay;
    const episode = await runEpisode(replay, [{ row: 0, execution: null, event }], this.#now, this.#ask);
    const { decisions, cancelledTimers, actions } = episode;
    const marks = [EventType.orchestratorStarted, EventType.orchestratorCompleted] as const;
    const [begun, ended] = marks.map((mark) => episodeMark(mark, this.#now));
    const events = [begun, event, ...decisionEvents(decisions, this.#row, this.#now), ended].filter(
      (one) => one !== undefined,
    );
    replay.past = [replay.past, eventsText(events, true)].filter(Boolean).join(',');
    replay.episodes += 1;
    replay.actions = actions;
    this.#ending = episode.ending;
    this.#open = [...this.#open, ...decisions].filter(({ id }) => !cancelledTimers.includes(id));
  }
}
