// Each minute: jobs accepted and not started are started, and those whose walk died are taken over.
import { app } from '@azure/functions';
import * as durable from 'durable-functions';
import { sweep } from '../../shared/jobs/sweep.ts';
import { walks } from '../walks.ts';

app.timer('sweep', {
  schedule: '0 * * * * *',
  extraInputs: [durable.input.durableClient()],
  handler: async (_timer, context) => {
    const { started, repaired, indexed } = await sweep(walks(context), (message) => context.warn(message));
    if (started + repaired > 0) context.warn(`The sweep started ${started} jobs and took over ${repaired}.`);
    if (indexed > 0) context.log(`The sweep brought ${indexed} summaries up to their jobs.`);
  },
});
