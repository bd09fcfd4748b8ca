import type { Replay } from './episode.ts';
import type { InstanceRow, WaitingArrival } from './store.ts';

/** An instance that has not finished, as the host holds it in memory. */
export class Orchestration {
  row: InstanceRow;
  arrivals: WaitingArrival[];
  /** Made when it first runs. */
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
