// The stored document of an alarm: a problem that Lifeboat reports by itself.

import type { AlarmKind } from './rules/alarm.ts';

/**
 * An alarm with its own stream of events: raised once, cleared once. The same problem later is
 * another alarm. Partition: jobs/{alarm-...}.
 */
export interface AlarmDocument {
  readonly id: 'alarm';
  readonly type: 'alarm';
  readonly schema: number;
  /** The alarm's id. */
  readonly jobId: string;
  /** The subject of the alarm: kind, plan, VM. */
  readonly key: string;
  /** Number of this alarm among the alarms of the key, from 1 on. */
  readonly count: number;
  readonly kind: AlarmKind;
  /** Null: the VM is in no plan. */
  readonly planId: string | null;
  readonly planName: string | null;
  /** Lifeboat's id of the VM; null: the alarm is about the whole plan. */
  readonly vm: string | null;
  readonly vmName: string | null;
  readonly message: string;
  readonly raisedAt: string;
  readonly clearedAt: string | null;
  readonly clearedBecause: string | null;
}
