// Handles runbook actions: a runbook in an automation account.

import { findRunbookJob, readRunbookOutput, stopRunbookJob } from '../../azure/automation.ts';
import { config } from '../../core/config.ts';
import { messageOf } from '../../core/errors.ts';
import type { StepDocument } from '../../journal/documents.ts';
import { azureActionHandler, outputTail, type AzureActionState } from '../azureAction.ts';
import { runbookJobIdOf } from '../../attempts/targets/runbookTarget.ts';
import { rejectedFault } from '../../attempts/actionContext.ts';

export const runbookHandler = azureActionHandler({
  poll: (step, attempt) => pollRunbookJob(step, runbookJobIdOf(step, attempt)),
  async stop(step, attempt) {
    const id = runbookJobIdOf(step, attempt);
    const stopError = await stopRunbookJob(id, config().LIFEBOAT_SEND_TIMEOUT_SECONDS).catch(messageOf);
    return stopError === undefined
      ? `Lifeboat asked Azure to stop its job (${id}).`
      : `Its job in Azure (${id}) may still run: it could not be stopped (${stopError}). Stop it there.`;
  },
});

async function pollRunbookJob({ targetName }: StepDocument, id: string): Promise<AzureActionState> {
  const job = await findRunbookJob(id);
  if (!job) return { state: 'gone' };
  switch (job.status) {
    case 'Completed':
      return {
        state: 'succeeded',
        output: outputTail(await readRunbookOutput(id)),
        message: `The runbook has completed (${id}).`,
      };
    case 'Failed':
    case 'Stopped':
      return {
        state: 'failed',
        output: outputTail(await readRunbookOutput(id), job.exception),
        fault: rejectedFault(
          job.status === 'Failed' ? 'RunbookFailed' : 'RunbookStopped',
          `The runbook of ${targetName} has ${job.status === 'Failed' ? 'failed' : 'been stopped'} ` +
            `in Azure (${id})${job.exception === '' ? '.' : `: ${job.exception.slice(0, 500)}`}`,
        ),
      };
    case 'Suspended':
    case 'Blocked':
    case 'Disconnected':
      return {
        state: 'runs',
        waitsFor:
          `a person: its job in Azure (${id}) is ` +
          `${job.status.toLowerCase()}${job.exception === '' ? '' : ` (${job.exception.slice(0, 500)})`}. ` +
          'Resume or stop it there',
      };
    default:
      return { state: 'runs', waitsFor: null };
  }
}
