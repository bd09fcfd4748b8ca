// What Lifeboat itself has to say when nobody asks.
import type { AlarmKind } from './rules/alarm.ts';

/**
 * Partition: jobs/{alarm-...}, a stream of news of its own: raised once, cleared once. Should it
 * hold again, that is another alarm.
 */
export interface AlarmDocument {
  readonly id: 'alarm';
  readonly type: 'alarm';
  readonly schema: number;
  /** The alarm's id. */
  readonly jobId: string;
  /** What it is about: kind, plan, VM. */
  readonly key: string;
  /** The how-manyth about that. */
  readonly count: number;
  readonly kind: AlarmKind;
  /** Null: of a VM that is in no plan. */
  readonly planId: string | null;
  readonly planName: string | null;
  /** Lifeboat's id of the VM; null: the plan as a whole. */
  readonly vm: string | null;
  readonly vmName: string | null;
  readonly message: string;
  readonly raisedAt: string;
  readonly clearedAt: string | null;
  readonly clearedBecause: string | null;
}
