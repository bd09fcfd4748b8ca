// How many targets of a job may be started now: as many as the write budget has, and none while a
// person holds the job up.
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { usualDuration, secondsToFirstPoll } from '../core/polling.ts';
import { typicalSecondsOf } from '../scenarios/drivers.ts';
import { URGENT_PHASES, type Phase } from '../core/operations.ts';
import { reserveFromBudget } from './writeBudget.ts';
import { controlStateFor, readControl } from '../journal/control.ts';

export interface ReserveInput {
  readonly jobId: string;
  readonly phase: Phase;
  readonly subscription: string;
  readonly want: number;
  /** What is to be started is done also in a job that is cancelled. */
  readonly always: boolean;
}

export interface Grant {
  readonly granted: number;
  readonly waitSeconds: number;
  /** Nothing more is started from here: the follower says when to go on. */
  readonly held: boolean;
  /** After which those that begin now are looked at first, when Azure has accepted all of them. */
  readonly firstLookSeconds?: number;
}

/** Of a full budget, so much is left for those who bring VMs over. */
const URGENT_SHARE = 1 / 3;

export async function grantWrites({
  jobId,
  phase,
  subscription,
  want,
  always,
}: ReserveInput): Promise<Grant> {
  if (controlStateFor({ always }, await readControl(jobId)) !== 'running')
    return { granted: 0, waitSeconds: 0, held: true };
  const rule = { burst: config().LIFEBOAT_WRITES_BURST, perSecond: config().LIFEBOAT_WRITES_PER_SECOND };
  const keepFree = URGENT_PHASES.has(phase) ? 0 : Math.floor(rule.burst * URGENT_SHARE);
  return {
    ...(await reserveFromBudget(subscription, rule, want, (await clock().now()).getTime(), keepFree)),
    held: false,
    firstLookSeconds: secondsToFirstPoll(usualDuration(typicalSecondsOf(phase).job)),
  };
}
