// The engine keeps one `Orchestration` in memory for each unfinished instance.

import type { Replay } from './episode.ts';
import type { InstanceRow, WaitingArrival } from './store.ts';

/** An unfinished instance in the host's memory. */
export class Orchestration {
  row: InstanceRow;
  arrivals: WaitingArrival[];
  /** Created at the first run. */
  replay: Replay | undefined;
  isRunning = false;

  constructor(row: InstanceRow, arrivals: WaitingArrival[] = []) {
    this.row = row;
    this.arrivals = arrivals;
  }

  get isSuspended(): boolean {
    return this.row.status === 'Suspended';
  }
}
