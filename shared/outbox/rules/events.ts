// The names, the order and the retry rules of the events that Lifeboat delivers. Pure functions
// without reads or writes.

/** The names of the events; each name is the `type` of a CloudEvent. */
export const EventName = {
  jobAccepted: 'lifeboat.job.accepted',
  jobRunning: 'lifeboat.job.running',
  jobTakenOver: 'lifeboat.job.takenOver',
  jobRetried: 'lifeboat.job.retried',
  jobNeedsPerson: 'lifeboat.job.needsPerson',
  stepStarted: 'lifeboat.step.started',
  stepEnded: 'lifeboat.step.ended',
  jobEnded: 'lifeboat.job.ended',
  questionAsked: 'lifeboat.question.asked',
  questionNoted: 'lifeboat.question.noted',
  questionClosed: 'lifeboat.question.closed',
  alarmRaised: 'lifeboat.alarm.raised',
  alarmCleared: 'lifeboat.alarm.cleared',
  runbookChanged: 'lifeboat.runbook.changed',
} as const;
export type EventName = (typeof EventName)[keyof typeof EventName];

/** The order within an epoch: its beginning, its steps, its end. */
export const EventSection = { begin: 0, steps: 1, end: 2 } as const;
export type EventSection = (typeof EventSection)[keyof typeof EventSection];

/**
 * The position of an event in its job. The order uses no clock, because the clocks of two machines
 * may differ.
 */
export interface EventPosition {
  readonly epoch: number;
  readonly part: EventSection;
  /** The index of the phase in the operation. */
  readonly phase: number;
  /** The step; empty for the job's own events. */
  readonly step: string;
  /** The number of this change of the step, or of the job at this epoch. */
  readonly change: number;
}

/** Sorts a cause before its effect. */
export const compareEventPositions = (a: EventPosition, b: EventPosition): number =>
  a.epoch - b.epoch || a.part - b.part || a.phase - b.phase || compare(a.step, b.step) || a.change - b.change;

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const FIRST_PAUSE_SECONDS = 10;
const MAX_PAUSE_SECONDS = 3600;

/**
 * Seconds until the next try after consecutive failures. The pause doubles each time, up to an
 * hour. The receiver can ask for a longer pause.
 */
export function secondsToNextTry(failures: number, retryAfterSeconds: number | null): number {
  const pauseSeconds = Math.min(
    MAX_PAUSE_SECONDS,
    FIRST_PAUSE_SECONDS * 2 ** Math.min(Math.max(0, failures - 1), 20),
  );
  return Math.min(MAX_PAUSE_SECONDS, Math.max(pauseSeconds, retryAfterSeconds ?? 0));
}

/**
 * True when the tries have failed for too long. From then on only a person can resume the
 * deliveries.
 */
export const isGivenUp = (failingSince: Date, now: Date, hours: number): boolean =>
  now.getTime() - failingSince.getTime() >= hours * 3_600_000;
