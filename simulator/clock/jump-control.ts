// The control of the simulated time for the process that owns the clock. Other processes only read
// the time or report that they are idle.

import type { SimulatedClock } from './simulated-clock.ts';

/** Controls when a jumping clock may move. */
export interface JumpControl {
  /** The clock no longer jumps unless this participant (another process) reports that it is idle. */
  addParticipant(participant: string): void;
  /**
   * Reports that the participant has no work until `nextDue` (null: no work at all). The clock
   * calls `moved` once, after the time moved. Then the participant counts as busy until it reports
   * idle again. The returned function withdraws the report.
   */
  markIdle(participant: string, nextDue: number | null, moved: (now: number) => void): () => void;
  /** Calls `moved` once, after the time moved. The returned function cancels the call. */
  onceMoved(moved: (now: number) => void): () => void;
  /**
   * Moves the time by hand, through every alarm on the way, in order. At each alarm the clock lets
   * running work finish. After half a second in all it continues without waiting. So it also works
   * while a process is dead or a rule delays an exchange.
   */
  advance(milliseconds: number): Promise<void>;
}

/** The clock of the process that owns the simulated time. */
export type LocalClock = SimulatedClock & JumpControl;
