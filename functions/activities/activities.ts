// The activities: orchestrators call each activity by the name of its handler here. Recorded
// histories hold these names, so they must never change.
import type { InvocationContext } from '@azure/functions';
import * as durable from 'durable-functions';
import { pollActions } from '../../shared/actions/pollActions.ts';
import { raiseTimeToLiveAlarm } from '../../shared/alarms/raise.ts';
import * as attempts from '../../shared/attempts/startStep.ts';
import { pollPhase } from '../../shared/attempts/pollPhase.ts';
import { grantWrites, type WriteAllowance, type ReserveInput } from '../../shared/attempts/reserveWrites.ts';
import { messageOf } from '../../shared/core/errors.ts';
import { startDelivery } from '../../shared/delivery/relay.ts';
import { beginJob } from '../../shared/jobs/beginJob.ts';
import { closeJob } from '../../shared/jobs/closeJob.ts';
import { openPhase } from '../../shared/jobs/openPhase.ts';
import * as runs from '../../shared/runs/advancePlan.ts';

export async function advancePlan(input: runs.AdvanceInput): Promise<runs.AdvanceResult> {
  return runs.advancePlan(input, raiseTimeToLiveAlarm);
}

/** Runs one of many parallel starts. Never throws: the poll finds a failed start. */
export async function startOperation(
  input: attempts.StartInput,
  context: InvocationContext,
): Promise<attempts.StartResult> {
  try {
    return await attempts.startStepOfTarget(input);
  } catch (error) {
    context.warn(
      `${input.phase} of ${input.targetId} (job ${input.jobId}) is left to the next poll: ` +
        messageOf(error),
    );
    return 'later';
  }
}

/** Handles VMs without a write. Never throws: the poll finds a failure. */
export async function inspectAlreadyReplicated(
  input: attempts.AlreadyReplicatedInput,
  context: InvocationContext,
): Promise<void> {
  await attempts.inspectAlreadyReplicated(input).catch((error: unknown) => {
    context.warn(
      `The check of replicated VMs (job ${input.jobId}) is left to the next poll: ${messageOf(error)}`,
    );
  });
}

export async function reserveWrites(input: ReserveInput): Promise<WriteAllowance> {
  return grantWrites(input);
}

/** These activities change a job, so its events may wait afterwards. */
const JOB_CHANGING_ACTIVITIES = {
  beginJob,
  openPhase,
  closeJob,
  pollPhase,
  advancePlan,
  pollActions,
  startOperation,
  inspectAlreadyReplicated,
};

export const ACTIVITIES = { ...JOB_CHANGING_ACTIVITIES, reserveWrites };

/** The orchestration does not wait for the relay. */
const thenRelay =
  (handler: (input: never, context: InvocationContext) => Promise<unknown>) =>
  async (input: { readonly jobId: string }, context: InvocationContext): Promise<unknown> => {
    try {
      return await handler(input as never, context);
    } finally {
      startDelivery(input.jobId);
    }
  };

export function registerActivities(): void {
  for (const [name, handler] of Object.entries(JOB_CHANGING_ACTIVITIES))
    durable.app.activity(name, { handler: thenRelay(handler) });
  durable.app.activity('reserveWrites', { handler: reserveWrites });
}
