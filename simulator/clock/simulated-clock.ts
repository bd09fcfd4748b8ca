// Story time: the time in which disasters, Site Recovery's jobs, durable timers and schedules happen.
// It may be real, scaled (a 150 s failover takes 2 s and still reports 150 s) or jumping (nothing
// to do -> the next due moment).

export type ClockMode = 'real' | 'jumping' | `scaled:${number}`;

export interface Alarm {
  cancel(): void;
}

/**
 * What every part of the simulator reads the time from. Never `Date.now()` for anything that
 * belongs to the story.
 */
export interface SimulatedClock {
  /** How many seconds of the story pass in a second of wall time; null for a clock that jumps. */
  readonly rate: number | null;
  /** Story time in milliseconds since 1970. */
  now(): number;
  /** Calls back once, when story time has reached `due`; at once (in a later turn) when it already has. */
  scheduleAt(due: number, ring: () => void): Alarm;
  /**
   * Says that work is in hand; the clock does not jump until the returned function is called. No-op
   * unless jumping.
   */
  markBusy(): () => void;
  /** Lets go of every alarm and connection. */
  close(): void;
}
