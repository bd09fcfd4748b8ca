// The activities: each calls one thing in shared/.
import * as durable from 'durable-functions';
import { config } from '../../shared/config.ts';
import { clock } from '../../shared/clock.ts';
import { messageOf } from '../../shared/errors.ts';
import { beginJob, type BeginInput } from '../../shared/jobs/begin.ts';
import { closeJob, openPhase } from '../../shared/jobs/close.ts';
import { startOperation, type StartInput, type StartResult } from '../../shared/siterecovery/attempts.ts';
import { follow, type FollowInput } from '../../shared/siterecovery/following.ts';
import { reserveWrites } from '../../shared/store/budgets.ts';

durable.app.activity('beginJob', { handler: (input: BeginInput) => beginJob(input) });
durable.app.activity('openPhase', { handler: (input: Parameters<typeof openPhase>[0]) => openPhase(input) });
durable.app.activity('closeJob', { handler: (input: Parameters<typeof closeJob>[0]) => closeJob(input) });
durable.app.activity('follow', { handler: (input: FollowInput) => follow(input) });

durable.app.activity('startOperation', {
  // One of many side by side: it never throws. What it could not do, the follower finds undone.
  handler: async (input: StartInput, context): Promise<StartResult> => {
    try {
      return await startOperation(input);
    } catch (error) {
      context.warn(`${input.phase} of ${input.vmId} (job ${input.jobId}) is left to the next look: ${messageOf(error)}`);
      return 'later';
    }
  },
});

durable.app.activity('reserveWrites', {
  handler: async ({ subscription, want }: { subscription: string; want: number }) => {
    const rule = { burst: config().LIFEBOAT_WRITES_BURST, perSecond: config().LIFEBOAT_WRITES_PER_SECOND };
    return reserveWrites(subscription, rule, want, (await clock().now()).getTime());
  },
});
