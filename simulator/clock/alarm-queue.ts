// Alarms in the order of their due times. A binary heap holds them, since a large job has thousands
// of alarms.

import type { Alarm } from './simulated-clock.ts';

interface QueuedAlarm {
  readonly due: number;
  /** Alarms with the same due time ring in the order of their creation. */
  readonly order: number;
  readonly ring: () => void;
  cancelled: boolean;
}

export interface AlarmQueue {
  add(due: number, ring: () => void): Alarm;
  /** Returns the due time of the earliest alarm, or undefined without alarms. */
  next(): number | undefined;
  /**
   * Rings all alarms that are due at `now`, in order. An alarm that a ring adds waits for the next
   * call.
   */
  ring(now: number): void;
  clear(): void;
}

const isBefore = (a: QueuedAlarm, b: QueuedAlarm): boolean =>
  a.due < b.due || (a.due === b.due && a.order < b.order);

/** Creates an empty queue. */
export function createAlarmQueue(): AlarmQueue {
  const heap: QueuedAlarm[] = [];
  let order = 0;

  const swapIf = (upper: number, lower: number): boolean => {
    const above = heap[upper];
    const below = heap[lower];
    if (above === undefined || below === undefined || !isBefore(below, above)) return false;
    heap[upper] = below;
    heap[lower] = above;
    return true;
  };

  const push = (entry: QueuedAlarm): void => {
    let at = heap.push(entry) - 1;
    while (at > 0 && swapIf((at - 1) >> 1, at)) at = (at - 1) >> 1;
  };

  const pop = (): QueuedAlarm | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const child =
        left !== undefined && right !== undefined && isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
      if (!swapIf(at, child)) return first;
      at = child;
    }
  };

  const next = (): number | undefined => {
    while (heap[0]?.cancelled) pop();
    return heap[0]?.due;
  };

  return {
    next,
    add(due, ring) {
      const entry: QueuedAlarm = { due, order: order++, ring, cancelled: false };
      push(entry);
      return {
        cancel: () => {
          entry.cancelled = true;
        },
      };
    },
    ring(now) {
      const due: QueuedAlarm[] = [];
      for (let at = next(); at !== undefined && at <= now; at = next()) {
        const entry = pop();
        if (entry !== undefined) due.push(entry);
      }
      // One alarm may cancel another alarm with the same due time.
      for (const entry of due) if (!entry.cancelled) entry.ring();
    },
    clear() {
      heap.length = 0;
    },
  };
}
