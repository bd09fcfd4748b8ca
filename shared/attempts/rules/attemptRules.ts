// The pure rules of the attempt protocol. They decide whether Lifeboat may write, whether Azure
// accepted a write, and whether a job is ours. This module must not use the network.
import { NOT_SENT_CODE, type WriteAnswer } from '../../azure/writeAnswer.ts';
import type { OperationRule } from '../../scenarios/operationRule.ts';
import { OPERATION_IN_PROGRESS_CODE, type ArmJob, type ReplicatedItem } from '../../siterecovery/item.ts';
import type { Direction } from '../../core/operations.ts';

/** If a step loses this many attempts after the last answer of a person, a person must check. */
export const MAX_LOST_ATTEMPTS = 10;
/** The judgement of `judgeItem`. */
export type ItemJudgement =
  | { readonly kind: 'start' }
  | { readonly kind: 'alreadySo' }
  | { readonly kind: 'follow'; readonly armJobId: string }
  | { readonly kind: 'wait'; readonly armJobId: string | null }
  | { readonly kind: 'refused'; readonly allowed: readonly string[] };

/**
 * Decides whether the operation may go to this item now. Call only while Lifeboat has no open
 * attempt.
 */
export function judgeItem(
  rule: OperationRule,
  item: ReplicatedItem,
  begunIn: Direction,
  adopt: boolean,
): ItemJudgement {
  if (item.allowedOperations.length === 0) {
    const foreign = item.currentJob;
    if (foreign && adopt && rule.jobNames.includes(foreign.scenario))
      return { kind: 'follow', armJobId: foreign.id };
    return { kind: 'wait', armJobId: foreign?.id ?? null };
  }
  if (item.allowedOperations.some((name) => rule.allowedBy.includes(name))) return { kind: 'start' };
  if (rule.canBeAlreadyDone && rule.isSettled(item, begunIn)) return { kind: 'alreadySo' };
  if (rule.isUnderway(item, begunIn)) return { kind: 'wait', armJobId: null };
  return { kind: 'refused', allowed: item.allowedOperations };
}

/** The judgement of `judgeWriteAnswer`. */
export type WriteJudgement =
  | { readonly kind: 'accepted'; readonly armJobId: string | null }
  /** Certain: Azure started nothing. */
  | { readonly kind: 'notAccepted'; readonly mayRetry: boolean }
  | { readonly kind: 'unknown' };

/**
 * 408 and 5xx do not tell whether Azure acted. Only the success of the write and its other 4xx
 * answers are certain. The success answer of Site Recovery is a 202 that names a job.
 */
export function judgeWriteAnswer(answer: WriteAnswer, startsJob: boolean): WriteJudgement {
  const { status } = answer;
  if (status === null && answer.code === NOT_SENT_CODE) return { kind: 'notAccepted', mayRetry: true };
  if (startsJob && status === 202 && answer.armJobId) return { kind: 'accepted', armJobId: answer.armJobId };
  if (!startsJob && status !== null && status >= 200 && status < 300)
    return { kind: 'accepted', armJobId: null };
  if (status !== null && status >= 400 && status < 500 && status !== 408)
    return { kind: 'notAccepted', mayRetry: status === 429 || isBusy(answer) };
  return { kind: 'unknown' };
}

/** Another caller changes the same resource at this moment. Other conflicts stay conflicts. */
export const isBusy = ({ status, code }: Pick<WriteAnswer, 'status' | 'code'>): boolean =>
  status === 409 && /InProgress|^Retryable|^Conflict$/i.test(code);

/** The possible scenario names of a step's job, and its VM. */
export interface ExpectedJob {
  readonly scenarios: readonly string[];
  readonly vmName: string;
}
/** The judgement of `judgeJobOrigin`. */
export type JobOrigin = 'ours' | 'foreign' | 'cannotTell';

/**
 * A job is ours if its activity id begins with our client request id. Without one of the two ids, the
 * kind or the VM of the job may still rule it out. Every text begins with an empty one.
 */
export function judgeJobOrigin(
  job: Pick<ArmJob, 'activityId' | 'scenario' | 'targetName'>,
  clientRequestId: string | null,
  expected: ExpectedJob,
): JobOrigin {
  if (job.activityId !== null && clientRequestId !== null && clientRequestId !== '')
    return job.activityId.toLowerCase().startsWith(clientRequestId.toLowerCase()) ? 'ours' : 'foreign';
  const differs = (seen: string | null, ours: readonly string[]) =>
    seen !== null && !ours.some((name) => name.toLowerCase() === seen.toLowerCase());
  return differs(job.scenario, expected.scenarios) || differs(job.targetName, [expected.vmName])
    ? 'foreign'
    : 'cannotTell';
}

/** The judgement of `judgeJobEnd`. */
export type JobEndJudgement = 'succeeded' | 'startAgain' | 'failed';

/**
 * A second accepted write needs proof: the job of the first write failed, and its failure changed
 * nothing.
 */
export function judgeJobEnd(job: ArmJob): JobEndJudgement {
  if (job.state === 'succeeded') return 'succeeded';
  return job.state === 'failed' && job.errors.some((error) => error.code === OPERATION_IN_PROGRESS_CODE)
    ? 'startAgain'
    : 'failed';
}
