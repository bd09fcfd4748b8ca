// The orchestrations of jobs, as the Durable client knows them. The id `{jobId}-{epoch}` names the
// orchestration of a job at an epoch.
import type { InvocationContext } from '@azure/functions';
import * as durable from 'durable-functions';
import { WAKE } from '../orchestrators/callWithRetry.ts';
import { planOrchestrationIdOf } from '../orchestrators/runJob.ts';
import type { JobDocument } from '../shared/journal/documents.ts';
import type { Orchestrations } from '../shared/jobs/sweep.ts';

const ENDED_STATUSES: ReadonlySet<string> = new Set(['Completed', 'Failed', 'Terminated', 'Canceled']);

export const orchestrationId = (jobId: string, epoch: number): string => `${jobId}-${epoch}`;

/**
 * The client throws for an unknown id, and names the HTTP status only in its text. A 404 in the
 * details of another status means another thing.
 */
export const isUnknownOrchestration = (error: unknown): boolean =>
  /extension replied with HTTP 404 response/.test(String(error));

export async function stateOfOrchestration(
  context: InvocationContext,
  jobId: string,
  epoch: number,
): ReturnType<Orchestrations['state']> {
  try {
    const id = orchestrationId(jobId, epoch);
    const status = await durable.getClient(context).getStatus(id, { showInput: false });
    return ENDED_STATUSES.has(status.runtimeStatus) ? 'ended' : 'alive';
  } catch (error) {
    if (isUnknownOrchestration(error)) return 'missing';
    throw error;
  }
}

/**
 * Tells the orchestration of a plan that people have answered. Never throws: the answer is in the store, and
 * the orchestration reads the store again anyway. A job without a plan reads often enough by itself.
 */
export async function wakeOrchestration(
  context: InvocationContext,
  { jobId, epoch, plan }: JobDocument,
): Promise<void> {
  if (plan === null) return;
  await durable
    .getClient(context)
    .raiseEvent(planOrchestrationIdOf(orchestrationId(jobId, epoch)), WAKE, null)
    .catch((error: unknown) =>
      context.warn(`The event for the orchestration of job ${jobId} failed: ${String(error)}`),
    );
}
