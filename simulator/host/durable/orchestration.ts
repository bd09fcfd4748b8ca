import type { Replay } from './episode.ts';
import type { InstanceRow, WaitingArrival } from './store.ts';

/** An instance that has not finished, as the host holds it in memory. */
export class Orchestration {
  row: InstanceRow;
  arrivals: WaitingArrival[];
  /** Made when it first runs. */
  replay: Replay | undefined;
  running = false;

  constructor(row: InstanceRow, arrivals: WaitingArrival[] = []) {
    this.row = row;
    this.arrivals = arrivals;
  }

  get suspended(): boolean {
    return this.row.status === 'Suspended';
  }
}
