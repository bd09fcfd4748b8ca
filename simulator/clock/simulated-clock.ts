// Simulated time: the time of disasters, Site Recovery jobs, durable timers and schedules. A real
// clock follows the wall clock. A scaled clock runs faster: a 150 s failover takes 2 s and still
// reports 150 s. A jumping clock jumps to the next due time when nothing has work.

/** How the simulated time passes. */
export type ClockMode = 'real' | 'jumping' | `scaled:${number}`;

/** A pending alarm. */
export interface Alarm {
  cancel(): void;
}

/** The time source for all parts of the simulator. They never use `Date.now()` for simulated events. */
export interface SimulatedClock {
  /** The simulated seconds per wall second, or null for a jumping clock. */
  readonly rate: number | null;
  /** The simulated time in milliseconds since 1970. */
  now(): number;
  /**
   * Calls `ring` once, when the simulated time reaches `due`. Calls it in a later turn when `due`
   * is past.
   */
  scheduleAt(due: number, ring: () => void): Alarm;
  /**
   * Reports running work. A jumping clock stands still until the caller calls the returned
   * function. Other clocks ignore the report.
   */
  markBusy(): () => void;
  /** Cancels all alarms and closes all connections. */
  close(): void;
}
