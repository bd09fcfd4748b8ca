// The entry of the app: registers every function that the host runs.
import { app } from '@azure/functions';
import * as durable from 'durable-functions';
import { phase } from '../orchestrators/phase.ts';
import { runJob } from '../orchestrators/runJob.ts';
import { runPlan } from '../orchestrators/runPlan.ts';
import { startShard } from '../orchestrators/startWaves.ts';
import { config } from '../shared/core/config.ts';
import { messageOf } from '../shared/core/errors.ts';
import { registerActivities } from './activities/activities.ts';
import { registerRoutes } from './http/routes.ts';
import { registerQueues } from './servicebus/commands.ts';
import { registerTimers } from './timers/timers.ts';

app.hook.appStart(() => {
  try {
    config();
  } catch (error) {
    // The app starts anyway: every route then reports the error, and the host can still show its
    // log.
    // eslint-disable-next-line no-console -- no function runs yet, so no function log exists
    console.error(messageOf(error));
  }
});

registerRoutes();
registerQueues();
registerTimers();
registerActivities();
durable.app.orchestration('runJob', runJob);
durable.app.orchestration('phase', phase);
durable.app.orchestration('runPlan', runPlan);
durable.app.orchestration('startShard', startShard);
