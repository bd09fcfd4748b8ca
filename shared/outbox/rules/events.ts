// What the world is told of a job, in which order, and for how long it is tried.

/** The names of the events, as they stand in a CloudEvent's `type`. */
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
  questionClosed: 'lifeboat.question.closed',
  alarmRaised: 'lifeboat.alarm.raised',
  alarmCleared: 'lifeboat.alarm.cleared',
  runbookChanged: 'lifeboat.runbook.changed',
} as const;
export type EventName = (typeof EventName)[keyof typeof EventName];

/** What begins an epoch of the job, what its steps did, what ends it. */
export const EventSection = { begin: 0, steps: 1, end: 2 } as const;
export type EventSection = (typeof EventSection)[keyof typeof EventSection];

/**
 * Where an entry belongs in the story of its job. No clock is asked: those of two machines need not
 * agree.
 */
export interface EventPosition {
  readonly epoch: number;
  readonly part: EventSection;
  /** The phase's place in the operation. */
  readonly phase: number;
  /** Which step; the job's own entries have none. */
  readonly step: string;
  /** The how-manyth change of this step, or of the job at this epoch. */
  readonly change: number;
}

/** Whatever had to happen before a thing stands before it. */
export const compareEventPositions = (a: EventPosition, b: EventPosition): number =>
  a.epoch - b.epoch || a.part - b.part || a.phase - b.phase || compare(a.step, b.step) || a.change - b.change;

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const FIRST_PAUSE_SECONDS = 10;
const MAX_PAUSE_SECONDS = 3600;

/**
 * Seconds to wait after so many failures in a row: twice as long each time, up to an hour; longer
 * when the receiver asks for it.
 */
export function secondsToNextTry(failures: number, retryAfterSeconds: number | null): number {
  const pauseSeconds = Math.min(
    MAX_PAUSE_SECONDS,
    FIRST_PAUSE_SECONDS * 2 ** Math.min(Math.max(0, failures - 1), 20),
  );
  return Math.min(MAX_PAUSE_SECONDS, Math.max(pauseSeconds, retryAfterSeconds ?? 0));
}

/** Tried for so long without success: from here on a person must say that it goes on. */
export const isGivenUp = (failingSince: Date, now: Date, hours: number): boolean =>
  now.getTime() - failingSince.getTime() >= hours * 3_600_000;
