// Decides how many targets of a job may start now. The write budget sets the limit. While a person
// has paused or cancelled the job, nothing starts. The orchestrators and the actions call this
// module before each write.
import { clock } from '../core/clock.ts';
import { config } from '../core/config.ts';
import { usualDuration, secondsToFirstPoll } from '../core/polling.ts';
import { typicalSecondsOf } from '../scenarios/drivers.ts';
import { URGENT_PHASES, type Phase } from '../core/operations.ts';
import { reserveFromBudget } from './writeBudget.ts';
import { controlStateOfPhase, readControl } from '../journal/control.ts';

/** The writes that a phase of a job wants in one subscription. */
export interface ReserveInput {
  readonly jobId: string;
  readonly phase: Phase;
  readonly subscription: string;
  readonly want: number;
  /** The operation also starts in a cancelled job. */
  readonly always: boolean;
}

/** How many writes may start now, and when to ask again. */
export interface WriteAllowance {
  readonly granted: number;
  readonly waitSeconds: number;
  /** The caller must start nothing more: the poll says when to continue. */
  readonly held: boolean;
  /** Seconds until the first poll of the new operations, if Azure accepts all of them. */
  readonly firstLookSeconds?: number;
}

/** The share of a full budget that stays free for urgent phases, which move VMs. */
const URGENT_SHARE = 1 / 3;

/**
 * Reserves writes from the budget of the subscription. Reserves nothing while the job is paused or
 * cancelled.
 */
export async function grantWrites({
  jobId,
  phase,
  subscription,
  want,
  always,
}: ReserveInput): Promise<WriteAllowance> {
  if (controlStateOfPhase({ always }, await readControl(jobId)) !== 'running')
    return { granted: 0, waitSeconds: 0, held: true };
  const rule = { burst: config().LIFEBOAT_WRITES_BURST, perSecond: config().LIFEBOAT_WRITES_PER_SECOND };
  const keepFree = URGENT_PHASES.has(phase) ? 0 : Math.floor(rule.burst * URGENT_SHARE);
  return {
    ...(await reserveFromBudget(subscription, rule, want, (await clock().now()).getTime(), keepFree)),
    held: false,
    firstLookSeconds: secondsToFirstPoll(usualDuration(typicalSecondsOf(phase).job)),
  };
}
