// The durable client, as far as jobs need it: a walk is the orchestration `{jobId}-{epoch}`.
import type { InvocationContext } from '@azure/functions';
import * as durable from 'durable-functions';
import type { Walks } from '../shared/jobs/sweep.ts';
import { kick } from '../shared/delivery/relay.ts';
import type { JobDocument } from '../shared/journal/documents.ts';
import { WAKE } from '../orchestrators/patiently.ts';
import { planWalkOf, type RunJobInput } from '../orchestrators/runJob.ts';

const DEAD: ReadonlySet<string> = new Set(['Completed', 'Failed', 'Terminated', 'Canceled']);
const walkOf = (jobId: string, epoch: number): string => `${jobId}-${epoch}`;

/**
 * The client throws for an unknown id, and names the HTTP status only in its text. A 404 in the
 * details of another status means another thing.
 */
export const isUnknownWalk = (error: unknown): boolean =>
  /extension replied with HTTP 404 response/.test(String(error));

interface Waking {
  wake(jobId: string, epoch: number): Promise<void>;
}

export function walks(context: InvocationContext): Walks & Waking {
  const client = durable.getClient(context);
  const state: Walks['state'] = async (jobId, epoch) => {
    try {
      const status = await client.getStatus(walkOf(jobId, epoch), { showInput: false });
      return DEAD.has(status.runtimeStatus) ? 'ended' : 'alive';
    } catch (error) {
      if (isUnknownWalk(error)) return 'missing';
      throw error;
    }
  };
  return {
    state,
    wake: (jobId, epoch) => client.raiseEvent(planWalkOf(walkOf(jobId, epoch)), WAKE, null),
    async start(jobId, epoch) {
      const input: RunJobInput = { jobId, epoch };
      try {
        await client.startNew('runJob', { instanceId: walkOf(jobId, epoch), input });
      } catch (error) {
        // Another door, or the sweep, was first: one walk is what is wanted.
        if ((await state(jobId, epoch)) !== 'alive') throw error;
      }
    },
  };
}

/**
 * What was said stands in the store: should nobody be woken, the next look finds it. A job without
 * a plan looks often enough by itself.
 */
export const waking =
  (context: InvocationContext) =>
  async (job: JobDocument): Promise<void> => {
    if (job.plan !== null)
      await walks(context)
        .wake(job.jobId, job.epoch)
        .catch((error: unknown) =>
          context.warn(`The walk of job ${job.jobId} was not woken: ${String(error)}`),
        );
  };

/** Begins a job that was accepted. It is in the store: should the start fail now, the sweep starts it. */
export const beginning =
  (context: InvocationContext) =>
  async (job: JobDocument): Promise<void> => {
    await walks(context)
      .start(job.jobId, job.epoch)
      .catch((error: unknown) => context.warn(`Job ${job.jobId} is left to the sweep: ${String(error)}`));
    kick(job.jobId);
  };
