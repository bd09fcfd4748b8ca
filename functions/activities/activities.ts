// The activities: orchestrators call each by the name of its handler here. Recorded histories hold these names.
import type { InvocationContext } from '@azure/functions';
import * as durable from 'durable-functions';
import { followActions } from '../../shared/actions/follow.ts';
import { raiseTimeOver } from '../../shared/alarms/raise.ts';
import * as attempts from '../../shared/attempts/attempts.ts';
import { follow } from '../../shared/attempts/follow.ts';
import { grantWrites, type Grant, type ReserveInput } from '../../shared/attempts/grant.ts';
import { messageOf } from '../../shared/core/errors.ts';
import { kick } from '../../shared/delivery/relay.ts';
import { beginJob } from '../../shared/jobs/begin.ts';
import { closeJob, openPhase } from '../../shared/jobs/close.ts';
import * as runs from '../../shared/runs/advance.ts';

export async function advancePlan(input: runs.AdvanceInput): Promise<runs.Advanced> {
  return runs.advancePlan(input, raiseTimeOver);
}

/** One of many starts side by side. Never throws: the follower finds what this could not do. */
export async function startOperation(
  input: attempts.StartInput,
  context: InvocationContext,
): Promise<attempts.StartResult> {
  try {
    return await attempts.startOperation(input);
  } catch (error) {
    context.warn(
      `${input.phase} of ${input.targetId} (job ${input.jobId}) is left to the next look: ` +
        messageOf(error),
    );
    return 'later';
  }
}

/** Never throws: the follower finds what this could not do. */
export async function lookAtFound(input: attempts.FoundInput, context: InvocationContext): Promise<void> {
  await attempts.lookAtFound(input).catch((error: unknown) => {
    context.warn(
      `What was found replicating (job ${input.jobId}) is left to the next look: ${messageOf(error)}`,
    );
  });
}

export async function reserveWrites(input: ReserveInput): Promise<Grant> {
  return grantWrites(input);
}

/** They change a job, so its events may wait afterwards. */
const CHANGING = {
  beginJob,
  openPhase,
  closeJob,
  follow,
  advancePlan,
  followActions,
  startOperation,
  lookAtFound,
};

export const ACTIVITIES = { ...CHANGING, reserveWrites };

/** The orchestration does not wait for the relay. */
const thenRelay =
  (handler: (input: never, context: InvocationContext) => Promise<unknown>) =>
  async (input: { readonly jobId: string }, context: InvocationContext): Promise<unknown> => {
    try {
      return await handler(input as never, context);
    } finally {
      kick(input.jobId);
    }
  };

export function registerActivities(): void {
  for (const [name, handler] of Object.entries(CHANGING))
    durable.app.activity(name, { handler: thenRelay(handler) });
  durable.app.activity('reserveWrites', { handler: reserveWrites });
}
