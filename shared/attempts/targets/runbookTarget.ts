// A runbook as a target: a job of Azure Automation. The name of the job depends on the attempt
// alone, so a later read finds the job after a lost answer.
import { idBefore, nameOf, subscriptionOf } from '../../core/armId.ts';
import { findRunbook, findRunbookJob, sendRunbookJob } from '../../azure/automation.ts';
import type { StartDecision, Target } from './target.ts';
import type { WithEtag } from '../../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import { readJob } from '../../journal/job.ts';
import { actionOf, rejectedFault } from '../actionContext.ts';
import { waitForBudget } from './waitForBudget.ts';
import { CONTEXT_PARAMETER, readRunbookContext } from './runbookContext.ts';
import { attemptGuidOf } from './attemptGuid.ts';

/** The target of a `runbook` action. */
export const runbookTarget: Target = {
  startsJob: false,
  inspect,
  exists: async (step, attempt) => (await findRunbookJob(runbookJobIdOf(step, attempt))) !== undefined,
};

const accountIdOf = (step: StepDocument): string => idBefore(actionOf(step, 'runbook').runbookId, 'runbooks');
/** The id of the Automation job of an attempt. */
export const runbookJobIdOf = (step: StepDocument, attempt: Pick<AttemptDocument, 'number'>): string =>
  `${accountIdOf(step)}/jobs/${attemptGuidOf(step, attempt)}`;

async function inspect(step: WithEtag<StepDocument>): Promise<StartDecision> {
  const { runbookId, parameters } = actionOf(step, 'runbook');
  const [runbook, job] = await Promise.all([findRunbook(runbookId), readJob(step.jobId)]);
  if (!job) throw new Error(`Job ${step.jobId} is gone from the store.`);
  if (!runbook)
    return {
      kind: 'refused',
      fault: rejectedFault(
        'RunbookUnknown',
        `${step.targetName}: the runbook ${runbookId} does not exist. Nothing was started. Create ` +
          'the runbook, or name another one in the plan.',
      ),
    };
  if (!runbook.published)
    return {
      kind: 'refused',
      fault: rejectedFault(
        'RunbookNotPublished',
        `${step.targetName}: the runbook ${nameOf(runbookId)} has no published version. Nothing ` +
          'was started. Publish it, then try again.',
      ),
    };
  const declaresContext = runbook.parameters.some(
    (name) => name.toLowerCase() === CONTEXT_PARAMETER.toLowerCase(),
  );
  const jobParameters =
    declaresContext && parameters[CONTEXT_PARAMETER] === undefined
      ? { ...parameters, [CONTEXT_PARAMETER]: await readRunbookContext(job, step) }
      : parameters;
  const account = accountIdOf(step);
  return (
    (await waitForBudget(step, subscriptionOf(account))) ?? {
      kind: 'start',
      armIdBefore: account,
      armIdAfter: account,
      send: (clientRequestId, deadline, number) =>
        sendRunbookJob(
          runbookJobIdOf(step, { number }),
          nameOf(runbookId),
          jobParameters,
          clientRequestId,
          deadline,
        ),
    }
  );
}
