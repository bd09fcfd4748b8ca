// The judgements of the attempt protocol, without a network: may we write, was the write taken,
// whose job is it.
import { NOT_SENT_CODE, type WriteAnswer } from '../../azure/writeAnswer.ts';
import type { OperationRule } from '../../scenarios/operationRule.ts';
import { OPERATION_IN_PROGRESS_CODE, type ArmJob, type ReplicatedItem } from '../../siterecovery/item.ts';
import type { Direction } from '../../core/operations.ts';

/** So many attempts of one step were lost since a person last said something, and a person must look. */
export const MAX_LOST_ATTEMPTS = 10;
export type ItemJudgement =
  | { readonly kind: 'start' }
  | { readonly kind: 'alreadySo' }
  | { readonly kind: 'follow'; readonly armJobId: string }
  | { readonly kind: 'wait'; readonly armJobId: string | null }
  | { readonly kind: 'rejected'; readonly allowed: readonly string[] };

/** May the operation be written to this item now? Asked only while no attempt of ours is open. */
export function judgeItem(
  rule: OperationRule,
  item: ReplicatedItem,
  begunIn: Direction,
  adopt: boolean,
): ItemJudgement {
  if (item.allowedOperations.length === 0) {
    const foreign = item.currentJob;
    if (foreign && adopt && foreign.scenario === rule.jobName)
      return { kind: 'follow', armJobId: foreign.id };
    return { kind: 'wait', armJobId: foreign?.id ?? null };
  }
  if (item.allowedOperations.some((name) => rule.allowedBy.includes(name))) return { kind: 'start' };
  if (rule.canBeAlreadyDone && rule.isSettled(item, begunIn)) return { kind: 'alreadySo' };
  if (rule.isUnderway(item, begunIn)) return { kind: 'wait', armJobId: null };
  return { kind: 'rejected', allowed: item.allowedOperations };
}

export type WriteJudgement =
  | { readonly kind: 'accepted'; readonly armJobId: string | null }
  /** It is certain that nothing was started. */
  | { readonly kind: 'notAccepted'; readonly mayRetry: boolean }
  | { readonly kind: 'unknown' };

/**
 * 408 and 5xx say nothing of what was done behind them; only the write's own success and its other
 * 4xx are certain. Site Recovery's success is a 202 that names a job.
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

/** Somebody else changes the same thing at this moment. Other conflicts stay what they are. */
export const isBusy = ({ status, code }: Pick<WriteAnswer, 'status' | 'code'>): boolean =>
  status === 409 && /InProgress|^Retryable|^Conflict$/i.test(code);

export type JobOrigin = 'ours' | 'foreign' | 'cannotTell';

/**
 * A job is ours if its activity id begins with the client request id that we sent; without one, its
 * kind or its VM may still rule it out.
 */
export function judgeJobOrigin(
  job: Pick<ArmJob, 'activityId' | 'scenario' | 'targetName'>,
  clientRequestId: string,
  expected: { readonly scenario: string; readonly vmName: string },
): JobOrigin {
  if (job.activityId !== null)
    return job.activityId.toLowerCase().startsWith(clientRequestId.toLowerCase()) ? 'ours' : 'foreign';
  const differs = (seen: string | null, ours: string) =>
    seen !== null && seen.toLowerCase() !== ours.toLowerCase();
  return differs(job.scenario, expected.scenario) || differs(job.targetName, expected.vmName)
    ? 'foreign'
    : 'cannotTell';
}

export type JobEndJudgement = 'succeeded' | 'startAgain' | 'failed';

/**
 * A second accepted write is allowed only after the first one's job was read as failed, and only
 * where the failure touched nothing.
 */
export function judgeJobEnd(job: ArmJob): JobEndJudgement {
  if (job.state === 'succeeded') return 'succeeded';
  return job.state === 'failed' && job.errors.some((error) => error.code === OPERATION_IN_PROGRESS_CODE)
    ? 'startAgain'
    : 'failed';
}
