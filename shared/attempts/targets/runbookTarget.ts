// A runbook, as the attempt protocol sees it: a job of Azure Automation under a name that follows
// from the attempt.
import { above, nameOf, subscriptionOf } from '../../core/armId.ts';
import { findRunbook, findRunbookJob, sendRunbookJob } from '../../azure/automation.ts';
import type { Sight, Target } from './target.ts';
import type { Stored } from '../../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import { readJob } from '../../journal/job.ts';
import { actionOf, rejected } from '../turn.ts';
import { waitForBudget } from './budget.ts';
import { CONTEXT, contextOf } from './context.ts';
import { guidOfAttempt } from './names.ts';

export const runbookTarget: Target = {
  startsJob: false,
  look,
  isThere: async (step, attempt) => (await findRunbookJob(runbookJobOf(step, attempt))) !== undefined,
};

const accountOf = (step: StepDocument): string => above(actionOf(step, 'runbook').runbookId, 'runbooks');
export const runbookJobOf = (step: StepDocument, attempt: Pick<AttemptDocument, 'number'>): string =>
  `${accountOf(step)}/jobs/${guidOfAttempt(step, attempt)}`;

async function look(step: Stored<StepDocument>): Promise<Sight> {
  const { runbookId, parameters } = actionOf(step, 'runbook');
  const [runbook, job] = await Promise.all([findRunbook(runbookId), readJob(step.jobId)]);
  if (!job) throw new Error(`Job ${step.jobId} is gone from the store.`);
  if (!runbook)
    return {
      kind: 'refused',
      fault: rejected(
        'RunbookUnknown',
        `${step.targetName}: there is no runbook ${runbookId}. Nothing was started. Put it ` +
          'there, or have the plan name another.',
      ),
    };
  if (!runbook.published)
    return {
      kind: 'refused',
      fault: rejected(
        'RunbookNotPublished',
        `${step.targetName}: the runbook ${nameOf(runbookId)} has no published version. Nothing ` +
          'was started. Publish it, then try again.',
      ),
    };
  const declared = runbook.parameters.some((name) => name.toLowerCase() === CONTEXT.toLowerCase());
  const given =
    declared && parameters[CONTEXT] === undefined
      ? { ...parameters, [CONTEXT]: await contextOf(job, step) }
      : parameters;
  const account = accountOf(step);
  return (
    (await waitForBudget(step, subscriptionOf(account))) ?? {
      kind: 'start',
      armIdBefore: account,
      armIdAfter: account,
      send: (clientRequestId, deadline, number) =>
        sendRunbookJob(runbookJobOf(step, { number }), nameOf(runbookId), given, clientRequestId, deadline),
    }
  );
}
