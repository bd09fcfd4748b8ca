// The orchestrations of jobs, as the Durable client knows them. The id `{jobId}-{epoch}` names the
// orchestration of a job at an epoch.
import type { FunctionInput, InvocationContext } from '@azure/functions';
import * as durable from 'durable-functions';
import { WAKE } from '../orchestrators/callWithRetry.ts';
import { planOrchestrationIdOf } from '../orchestrators/runJob.ts';
import type { JobDocument } from '../shared/journal/documents.ts';
import type { Orchestrations } from '../shared/jobs/sweep.ts';

declare const durableClient: unique symbol;

/** The context of a function with a durable client. */
export type OrchestrationContext = InvocationContext & { readonly [durableClient]: true };

const handlersWithClient = new WeakSet<object>();

/**
 * Marks a handler that needs a durable client. The others get none: when the host cannot bind the
 * client, it calls no function that has one, and answers with an empty 500.
 */
export function withDurableClient<Inputs extends unknown[], Answer>(
  handler: (...inputs: [...Inputs, OrchestrationContext]) => Answer,
): (...inputs: [...Inputs, InvocationContext]) => Answer {
  handlersWithClient.add(handler);
  return handler as (...inputs: [...Inputs, InvocationContext]) => Answer;
}

/** The extra inputs with which the app registers the handler. */
export const extraInputsOf = (handler: object): FunctionInput[] =>
  handlersWithClient.has(handler) ? [durable.input.durableClient()] : [];

const ENDED_STATUSES: ReadonlySet<string> = new Set(['Completed', 'Failed', 'Terminated', 'Canceled']);

export const orchestrationId = (jobId: string, epoch: number): string => `${jobId}-${epoch}`;

/**
 * The client throws for an unknown id, and names the HTTP status only in its text. A 404 in the
 * details of another status means another thing.
 */
export const isUnknownOrchestration = (error: unknown): boolean =>
  /extension replied with HTTP 404 response/.test(String(error));

export async function stateOfOrchestration(
  context: OrchestrationContext,
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
  context: OrchestrationContext,
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
