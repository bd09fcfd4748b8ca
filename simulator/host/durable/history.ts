// The events of a history, in the format that the SDK reads.

/** The protocol's numbers for the types of events. */
export const EventType = {
  executionStarted: 0,
  executionCompleted: 1,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationCreated: 7,
  subOrchestrationCompleted: 8,
  subOrchestrationFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventRaised: 15,
} as const;

export type EventTypeNumber = (typeof EventType)[keyof typeof EventType];

interface EventOfType<T extends EventTypeNumber> {
  readonly EventType: T;
  /** The task's id in events that create a task, -1 in all others. */
  readonly EventId: number;
  readonly Timestamp: string;
}

export interface ExecutionStarted extends EventOfType<0> {
  readonly Name: string;
  readonly Version: string | null;
  readonly Input: string;
}
export interface ExecutionCompleted extends EventOfType<1> {
  readonly OrchestrationStatus: string;
  readonly Result: string;
}
export interface TaskScheduled extends EventOfType<4> {
  readonly Name: string;
  readonly Input: string | null;
}
export interface TaskCompleted extends EventOfType<5 | 8> {
  readonly TaskScheduledId: number;
  /** JSON text. */
  readonly Result: string;
}
export interface TaskFailed extends EventOfType<6 | 9> {
  readonly TaskScheduledId: number;
  readonly Reason: string;
  readonly Details: string;
}
export interface SubOrchestrationCreated extends EventOfType<7> {
  readonly Name: string;
  readonly InstanceId: string;
  readonly Input: string;
}
export interface TimerCreated extends EventOfType<10> {
  readonly FireAt: string;
}
export interface TimerFired extends EventOfType<11> {
  readonly TimerId: number;
  readonly FireAt: string;
}
export type EpisodeBoundary = EventOfType<12 | 13>;
export interface EventRaised extends EventOfType<15> {
  readonly Name: string;
  /** JSON text, or empty. */
  readonly Input: string;
}

/** An event from outside the orchestration that wakes it. */
export type Arrival = ExecutionStarted | TaskCompleted | TaskFailed | TimerFired | EventRaised;
/** Any event of a history. */
export type HistoryEvent =
  Arrival | ExecutionCompleted | TaskScheduled | SubOrchestrationCreated | TimerCreated | EpisodeBoundary;

/** Formats a time for the protocol. */
export function toTimestamp(time: number): string {
  return new Date(time).toISOString();
}

/**
 * Returns the events as members of a JSON array, without brackets. The engine can then join
 * histories as text and never parses them.
 */
export function eventsJson(events: readonly HistoryEvent[], isPlayed: boolean): string {
  return events.map((event) => JSON.stringify({ ...event, IsPlayed: isPlayed })).join(',');
}

/** Returns the id of the task that an arrival ends, or undefined when it ends none. */
export function completedTask(arrival: Arrival): number | undefined {
  switch (arrival.EventType) {
    case EventType.taskCompleted:
    case EventType.taskFailed:
    case EventType.subOrchestrationCompleted:
    case EventType.subOrchestrationFailed:
      return arrival.TaskScheduledId;
    case EventType.timerFired:
      return arrival.TimerId;
    case EventType.executionStarted:
    case EventType.eventRaised:
      return undefined;
  }
}

export function isFailure(arrival: Arrival): boolean {
  return arrival.EventType === EventType.taskFailed || arrival.EventType === EventType.subOrchestrationFailed;
}

/** Returns the event for the failure of a task. */
export function taskFailed(
  type: 6 | 9,
  task: number,
  time: number,
  reason: string,
  details = '',
): TaskFailed {
  return {
    EventType: type,
    EventId: -1,
    Timestamp: toTimestamp(time),
    TaskScheduledId: task,
    Reason: reason,
    Details: details,
  };
}

/** Returns the event for the success of a task. */
export function taskCompleted(type: 5 | 8, task: number, time: number, result: string): TaskCompleted {
  return {
    EventType: type,
    EventId: -1,
    Timestamp: toTimestamp(time),
    TaskScheduledId: task,
    Result: result,
  };
}

/** Returns the event that starts an execution. */
export function executionStarted(
  name: string,
  version: string | null,
  input: string,
  time: number,
): ExecutionStarted {
  return {
    EventType: EventType.executionStarted,
    EventId: -1,
    Timestamp: toTimestamp(time),
    Name: name,
    Version: version,
    Input: input,
  };
}
