// What the owner of story time can do with it, beyond reading it.

import type { SimulatedClock } from './simulated-clock.ts';

export interface JumpControl {
  /** From now on the clock does not jump unless this participant (another process) says that it is idle. */
  addParticipant(participant: string): void;
  /**
   * The participant has nothing to do until `nextDue` (null: nothing at all). `moved` is called
   * once, when time has moved;
   * from then on the participant counts as busy, and says so again when it is idle. The returned
   * function takes it back.
   */
  markIdle(participant: string, nextDue: number | null, moved: (now: number) => void): () => void;
  /** Calls back once, when time has moved. The returned function takes it back. */
  onceMoved(moved: (now: number) => void): () => void;
  /**
   * Moves time by hand, through every alarm on the way, in order. At each it lets those at work
   * finish, half a second
   * in all; then it goes on without them, so that it also works while a process is dead or an
   * exchange is held.
   */
  advance(milliseconds: number): Promise<void>;
}

export type LocalClock = SimulatedClock & JumpControl;
