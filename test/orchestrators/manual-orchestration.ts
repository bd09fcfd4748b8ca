// Plays one orchestration by hand, with the SDK's own replay and the host's own numbers. A test
// decides which results arrive.
import {
  taskEvents,
  episodeBoundary,
  newReplay,
  runEpisode,
  type AskOrchestrator,
  type Ending,
} from '../../simulator/host/durable/episode.ts';
import {
  EventType,
  eventsJson,
  executionStarted,
  toTimestamp,
  taskCompleted,
  taskFailed,
  type Arrival,
} from '../../simulator/host/durable/history.ts';
import type { InstanceRow } from '../../simulator/host/durable/store.ts';
import type { ScheduledTask } from '../../simulator/host/durable/task-numbering.ts';
import { makeAsk } from './recorded-histories.ts';

type OpenCall = ScheduledTask & { readonly fireAt?: number };

export class ManualOrchestration {
  readonly #row: InstanceRow;
  readonly #ask: AskOrchestrator;
  readonly #replay = newReplay();
  #open: readonly OpenCall[] = [];
  #now = 0;
  #ending: Ending = { kind: 'none' };

  private constructor(name: string, input: unknown) {
    const id = `walk-${name}`;
    this.#row = { id, execution: 'e', name, input: JSON.stringify(input) } as InstanceRow;
    this.#ask = makeAsk({ id, parent: null, name, input: this.#row.input });
  }

  static async start(name: string, input: unknown): Promise<ManualOrchestration> {
    const played = new ManualOrchestration(name, input);
    await played.#arrive(executionStarted(name, null, played.#row.input, 0));
    return played;
  }

  /** The open calls of the orchestration in their order: names of activities and children, and `timer`. */
  get openCalls(): readonly string[] {
    return this.#open.map((call) => (call.kind === 'timer' ? 'timer' : call.name));
  }

  get ending(): Ending {
    return this.#ending;
  }

  /** The oldest open call of this activity or child succeeds. */
  completeCall(name: string, result: unknown): Promise<void> {
    const { id, kind } = this.#take(name);
    return this.#arrive(taskCompleted(kind === 'child' ? 8 : 5, id, this.#now, JSON.stringify(result)));
  }

  /** The oldest open call fails, as after the death of its worker. */
  failCall(name: string): Promise<void> {
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

  /** Time advances to the oldest open timer. */
  fireTimer(): Promise<void> {
    const { id, fireAt = 0 } = this.#take('timer');
    this.#now = Math.max(this.#now, fireAt);
    return this.#arrive({
      EventType: EventType.timerFired,
      EventId: -1,
      Timestamp: toTimestamp(this.#now),
      TimerId: id,
      FireAt: toTimestamp(fireAt),
    });
  }

  raiseEvent(name: string): Promise<void> {
    return this.#arrive({
      EventType: EventType.eventRaised,
      EventId: -1,
      Timestamp: toTimestamp(this.#now),
      Name: name,
      Input: 'null',
    });
  }

  #take(name: string): OpenCall {
    const call = this.#open[this.openCalls.indexOf(name)];
    if (!call)
      throw new Error(`The orchestration does not wait for ${name}, but for: ${this.openCalls.join(', ')}.`);
    this.#open = this.#open.filter((other) => other !== call);
    return call;
  }

  async #arrive(event: Arrival): Promise<void> {
    const replay = this.#replay;
    const episode = await runEpisode(replay, [{ row: 0, execution: null, event }], this.#now, this.#ask);
    const { decisions, cancelledTimers, actions } = episode;
    const marks = [EventType.orchestratorStarted, EventType.orchestratorCompleted] as const;
    const [started, ended] = marks.map((mark) => episodeBoundary(mark, this.#now));
    const events = [started, event, ...taskEvents(decisions, this.#row, this.#now), ended].filter(
      (call) => call !== undefined,
    );
    replay.history = [replay.history, eventsJson(events, true)].filter(Boolean).join(',');
    replay.episodes += 1;
    replay.actions = actions;
    this.#ending = episode.ending;
    this.#open = [...this.#open, ...decisions].filter(({ id }) => !cancelledTimers.includes(id));
  }
}
