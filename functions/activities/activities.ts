// The activities: each calls one thing in shared/.
import * as durable from 'durable-functions';
import { followActions } from '../../shared/actions/follow.ts';
import { messageOf } from '../../shared/core/errors.ts';
import { beginJob } from '../../shared/jobs/begin.ts';
import { closeJob, openPhase } from '../../shared/jobs/close.ts';
import { kick } from '../../shared/delivery/relay.ts';
import { raiseTimeOver } from '../../shared/alarms/raise.ts';
import { advancePlan, type AdvanceInput } from '../../shared/runs/advance.ts';
import {
  lookAtFound,
  startOperation,
  type FoundInput,
  type StartInput,
  type StartResult,
} from '../../shared/attempts/attempts.ts';
import { follow } from '../../shared/attempts/follow.ts';
import { grantWrites, type ReserveInput } from '../../shared/attempts/grant.ts';

/**
 * Whatever an activity did, the job may have news: they are sent on their way, and the walk does
 * not wait for them.
 */
const withNews =
  <Input extends { readonly jobId: string }, Result>(work: (input: Input) => Promise<Result>) =>
  async (input: Input): Promise<Result> => {
    try {
      return await work(input);
    } finally {
      kick(input.jobId);
    }
  };

durable.app.activity('beginJob', { handler: withNews(beginJob) });
durable.app.activity('openPhase', { handler: withNews(openPhase) });
durable.app.activity('closeJob', { handler: withNews(closeJob) });
durable.app.activity('follow', { handler: withNews(follow) });
durable.app.activity('advancePlan', {
  handler: withNews((input: AdvanceInput) => advancePlan(input, raiseTimeOver)),
});
durable.app.activity('followActions', { handler: withNews(followActions) });

const startAndTell = withNews(startOperation);

durable.app.activity('startOperation', {
  // One of many side by side: it never throws. What it could not do, the follower finds undone.
  handler: async (input: StartInput, context): Promise<StartResult> => {
    try {
      return await startAndTell(input);
    } catch (error) {
      context.warn(
        `${input.phase} of ${input.targetId} (job ${input.jobId}) is left to the next look: ` +
          messageOf(error),
      );
      return 'later';
    }
  },
});

durable.app.activity('lookAtFound', {
  handler: async (input: FoundInput, context): Promise<void> => {
    await withNews(lookAtFound)(input).catch((error: unknown) => {
      context.warn(
        `What was found replicating (job ${input.jobId}) is left to the next look: ${messageOf(error)}`,
      );
    });
  },
});

durable.app.activity('reserveWrites', {
  handler: (input: ReserveInput) => grantWrites(input),
});
