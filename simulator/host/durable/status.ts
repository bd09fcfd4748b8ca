// Builds the status of an instance for the durable client.

import { EventType, type HistoryEvent } from './history.ts';
import type { EpisodeRow, InstanceRow } from './store.ts';

export interface StatusOptions {
  readonly showInput: boolean;
  /** The rows of the history, when the client asked for them. */
  readonly history?: readonly EpisodeRow[];
  readonly showHistoryOutput: boolean;
}

export function instanceStatus(
  row: InstanceRow,
  { showInput, history, showHistoryOutput }: StatusOptions,
): Record<string, unknown> {
  return {
    name: row.name,
    instanceId: row.id,
    runtimeStatus: row.status,
    // The client requires both input and output.
    input: showInput ? parseJson(row.input) : null,
    customStatus: parseJson(row.customStatus),
    output: parseJson(row.output),
    createdTime: toSecond(row.created),
    lastUpdatedTime: toSecond(row.updated),
    ...(history && { historyEvents: historyEvents(history, showHistoryOutput) }),
  };
}

type EventBody = Record<string, unknown>;

/** The name of an event, and the task that it starts or ends. */
interface EventSummary {
  readonly body: EventBody;
  readonly startedTask?: number;
  readonly endedTask?: number;
}

/** Omits the marks between episodes. An ended task appears once: its start is part of its end. */
function historyEvents(rows: readonly EpisodeRow[], showOutput: boolean): EventBody[] {
  const all = rows
    .flatMap((row) => JSON.parse(`[${row.events}]`) as HistoryEvent[])
    .flatMap((event) => summarizeEvent(event, showOutput) ?? []);
  const beginnings = new Map(
    all.flatMap(({ body, startedTask }) => (startedTask === undefined ? [] : [[startedTask, body] as const])),
  );
  const ended = new Set(all.map(({ endedTask }) => endedTask));
  return all
    .filter(({ startedTask }) => startedTask === undefined || !ended.has(startedTask))
    .map(({ body, endedTask }) => {
      const beginning = endedTask === undefined ? undefined : beginnings.get(endedTask);
      if (!beginning) return body;
      const { FunctionName, Timestamp: ScheduledTime } = beginning;
      return { ...body, ScheduledTime, ...(FunctionName !== undefined && { FunctionName }) };
    });
}

function summarizeEvent(event: HistoryEvent, showOutput: boolean): EventSummary | undefined {
  const { Timestamp, EventId: begins } = event;
  const result = (text: string) => (showOutput ? { Result: parseJson(text) } : {});
  switch (event.EventType) {
    case EventType.executionStarted:
      return { body: { EventType: 'ExecutionStarted', Timestamp, FunctionName: event.Name } };
    case EventType.executionCompleted:
      return {
        body: {
          EventType: 'ExecutionCompleted',
          Timestamp,
          OrchestrationStatus: event.OrchestrationStatus,
          ...result(event.Result),
        },
      };
    case EventType.taskScheduled:
      return {
        body: { EventType: 'TaskScheduled', Timestamp, FunctionName: event.Name },
        startedTask: begins,
      };
    case EventType.subOrchestrationCreated:
      return {
        body: {
          EventType: 'SubOrchestrationInstanceCreated',
          Timestamp,
          FunctionName: event.Name,
          InstanceId: event.InstanceId,
        },
        startedTask: begins,
      };
    case EventType.timerCreated:
      return { body: { EventType: 'TimerCreated', Timestamp, FireAt: event.FireAt }, startedTask: begins };
    case EventType.taskCompleted:
      return {
        body: { EventType: 'TaskCompleted', Timestamp, ...result(event.Result) },
        endedTask: event.TaskScheduledId,
      };
    case EventType.subOrchestrationCompleted:
      return {
        body: { EventType: 'SubOrchestrationInstanceCompleted', Timestamp, ...result(event.Result) },
        endedTask: event.TaskScheduledId,
      };
    case EventType.taskFailed:
      return {
        body: { EventType: 'TaskFailed', Timestamp, Reason: event.Reason },
        endedTask: event.TaskScheduledId,
      };
    case EventType.subOrchestrationFailed:
      return {
        body: { EventType: 'SubOrchestrationInstanceFailed', Timestamp, Reason: event.Reason },
        endedTask: event.TaskScheduledId,
      };
    case EventType.timerFired:
      return { body: { EventType: 'TimerFired', Timestamp, FireAt: event.FireAt }, endedTask: event.TimerId };
    case EventType.eventRaised:
      return {
        body: {
          EventType: 'EventRaised',
          Timestamp,
          Name: event.Name,
          ...(showOutput && { Input: parseJson(event.Input) }),
        },
      };
    case EventType.orchestratorStarted:
    case EventType.orchestratorCompleted:
      return undefined;
  }
}

function parseJson(text: string | null): unknown {
  return text === null || text === '' ? null : (JSON.parse(text) as unknown);
}

/** Without a fraction, as Azure writes it. */
function toSecond(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
