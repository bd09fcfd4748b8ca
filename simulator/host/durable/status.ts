// An instance as the durable client is told of it.

import { EventType, type HistoryEvent } from './history.ts';
import type { EpisodeRow, InstanceRow } from './store.ts';

export interface StatusOptions {
  readonly showInput: boolean;
  /** The rows of its history, when that is wanted. */
  readonly history?: readonly EpisodeRow[];
  readonly showHistoryOutput: boolean;
}

export function statusOf(
  row: InstanceRow,
  { showInput, history, showHistoryOutput }: StatusOptions,
): Record<string, unknown> {
  return {
    name: row.name,
    instanceId: row.id,
    runtimeStatus: row.status,
    // The client insists that input and output are there.
    input: showInput ? parsed(row.input) : null,
    customStatus: parsed(row.customStatus),
    output: parsed(row.output),
    createdTime: toSecond(row.created),
    lastUpdatedTime: toSecond(row.updated),
    ...(history && { historyEvents: historyEvents(history, showHistoryOutput) }),
  };
}

type Described = Record<string, unknown>;

/** What an event says, and which task it begins or ends. */
interface Told {
  readonly says: Described;
  readonly begins?: number;
  readonly ends?: number;
}

/** Without the marks between episodes; what began a task is told together with its end, once it has one. */
function historyEvents(rows: readonly EpisodeRow[], showOutput: boolean): Described[] {
  const all = rows
    .flatMap((row) => JSON.parse(`[${row.events}]`) as HistoryEvent[])
    .flatMap((event) => tell(event, showOutput) ?? []);
  const beginnings = new Map(
    all.flatMap(({ says, begins }) => (begins === undefined ? [] : [[begins, says] as const])),
  );
  const ended = new Set(all.map(({ ends }) => ends));
  return all
    .filter(({ begins }) => begins === undefined || !ended.has(begins))
    .map(({ says, ends }) => {
      const beginning = ends === undefined ? undefined : beginnings.get(ends);
      if (!beginning) return says;
      const { FunctionName, Timestamp: ScheduledTime } = beginning;
      return { ...says, ScheduledTime, ...(FunctionName !== undefined && { FunctionName }) };
    });
}

function tell(event: HistoryEvent, showOutput: boolean): Told | undefined {
  const { Timestamp, EventId: begins } = event;
  const result = (text: string) => (showOutput ? { Result: parsed(text) } : {});
  switch (event.EventType) {
    case EventType.executionStarted:
      return { says: { EventType: 'ExecutionStarted', Timestamp, FunctionName: event.Name } };
    case EventType.executionCompleted:
      return {
        says: {
          EventType: 'ExecutionCompleted',
          Timestamp,
          OrchestrationStatus: event.OrchestrationStatus,
          ...result(event.Result),
        },
      };
    case EventType.taskScheduled:
      return { says: { EventType: 'TaskScheduled', Timestamp, FunctionName: event.Name }, begins };
    case EventType.subOrchestrationCreated:
      return {
        says: {
          EventType: 'SubOrchestrationInstanceCreated',
          Timestamp,
          FunctionName: event.Name,
          InstanceId: event.InstanceId,
        },
        begins,
      };
    case EventType.timerCreated:
      return { says: { EventType: 'TimerCreated', Timestamp, FireAt: event.FireAt }, begins };
    case EventType.taskCompleted:
      return {
        says: { EventType: 'TaskCompleted', Timestamp, ...result(event.Result) },
        ends: event.TaskScheduledId,
      };
    case EventType.subOrchestrationCompleted:
      return {
        says: { EventType: 'SubOrchestrationInstanceCompleted', Timestamp, ...result(event.Result) },
        ends: event.TaskScheduledId,
      };
    case EventType.taskFailed:
      return {
        says: { EventType: 'TaskFailed', Timestamp, Reason: event.Reason },
        ends: event.TaskScheduledId,
      };
    case EventType.subOrchestrationFailed:
      return {
        says: { EventType: 'SubOrchestrationInstanceFailed', Timestamp, Reason: event.Reason },
        ends: event.TaskScheduledId,
      };
    case EventType.timerFired:
      return { says: { EventType: 'TimerFired', Timestamp, FireAt: event.FireAt }, ends: event.TimerId };
    case EventType.eventRaised:
      return {
        says: {
          EventType: 'EventRaised',
          Timestamp,
          Name: event.Name,
          ...(showOutput && { Input: parsed(event.Input) }),
        },
      };
    case EventType.orchestratorStarted:
    case EventType.orchestratorCompleted:
      return undefined;
  }
}

function parsed(text: string | null): unknown {
  return text === null || text === '' ? null : (JSON.parse(text) as unknown);
}

/** Without a fraction, as Azure writes it. */
function toSecond(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
