// A runbook of an automation account.
import { findRunbookJob, outputOf, stopRunbookJob } from '../../azure/automation.ts';
import { config } from '../../core/config.ts';
import { messageOf } from '../../core/errors.ts';
import type { StepDocument } from '../../journal/documents.ts';
import { inAzure, tail, type Seen } from '../inAzure/running.ts';
import { runbookJobOf } from '../../attempts/targets/runbookTarget.ts';
import { rejected } from '../../attempts/turn.ts';

export const runbook = inAzure({
  see: (step, attempt) => see(step, runbookJobOf(step, attempt)),
  async stop(step, attempt) {
    const id = runbookJobOf(step, attempt);
    const why = await stopRunbookJob(id, config().LIFEBOAT_SEND_TIMEOUT_SECONDS).catch(messageOf);
    return why === undefined
      ? `Its job in Azure (${id}) was told to stop.`
      : `Its job in Azure (${id}) may still run: it could not be stopped (${why}). Stop it there.`;
  },
});

async function see({ targetName }: StepDocument, id: string): Promise<Seen> {
  const job = await findRunbookJob(id);
  if (!job) return { state: 'gone' };
  switch (job.status) {
    case 'Completed':
      return {
        state: 'succeeded',
        output: tail(await outputOf(id)),
        said: `The runbook has completed (${id}).`,
      };
    case 'Failed':
    case 'Stopped':
      return {
        state: 'failed',
        output: tail(await outputOf(id), job.exception),
        fault: rejected(
          `Runbook${job.status}`,
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
