// Each minute: drills that are due are begun, and what outlived its time is cleaned up.
import { app } from '@azure/functions';
import * as durable from 'durable-functions';
import { whoIs } from '../../shared/access/bearer.ts';
import { kick } from '../../shared/delivery/relay.ts';
import { runSchedules } from '../../shared/schedules/run.ts';
import { walks } from '../walks.ts';

app.timer('schedules', {
  schedule: '5 * * * * *',
  extraInputs: [durable.input.durableClient()],
  handler: (_timer, context) =>
    runSchedules(async (job) => {
      context.log(`Job ${job.jobId} is begun by a schedule, for ${whoIs(job.caller)}`);
      if (job.state === 'accepted')
        await walks(context)
          .start(job.jobId, job.epoch)
          .catch((error: unknown) => context.warn(`Job ${job.jobId} is left to the sweep: ${String(error)}`));
      kick(job.jobId);
    }),
});
