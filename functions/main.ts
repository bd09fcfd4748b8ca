// Everything the host finds when it loads the app.
import { app } from '@azure/functions';
import * as durable from 'durable-functions';
import { phase } from '../orchestrators/phase.ts';
import { runJob } from '../orchestrators/runJob.ts';
import { runPlan } from '../orchestrators/runPlan.ts';
import { startShard } from '../orchestrators/startWaves.ts';
import { config } from '../shared/core/config.ts';
import { messageOf } from '../shared/core/errors.ts';
import './activities/activities.ts';
import './http/alertDecisions.ts';
import './http/alertRules.ts';
import './http/callbacks.ts';
import './http/alarms.ts';
import './http/answerJob.ts';
import './http/checkReadiness.ts';
import './http/createJob.ts';
import './http/drillReport.ts';
import './http/firewall.ts';
import './http/gaps.ts';
import './http/jobMap.ts';
import './http/jobMeasures.ts';
import './http/health.ts';
import './http/jobEvents.ts';
import './http/jobPages.ts';
import './http/listChoices.ts';
import './http/listJobs.ts';
import './http/listPlans.ts';
import './http/listReplications.ts';
import './http/listSourceVms.ts';
import './http/listVaults.ts';
import './http/networkRules.ts';
import './http/previewEnabling.ts';
import './http/planPreview.ts';
import './http/planRunbook.ts';
import './http/openapi.ts';
import './http/plans.ts';
import './http/privacy.ts';
import './http/problems.ts';
import './http/readJob.ts';
import './http/schedules.ts';
import './http/steerJob.ts';
import './http/readReplication.ts';
import './http/readVault.ts';
import './servicebus/takeCommands.ts';
import './timers/alerts.ts';
import './timers/askPersons.ts';
import './timers/alarms.ts';
import './timers/importPlans.ts';
import './timers/readVaults.ts';
import './timers/relay.ts';
import './timers/runbooks.ts';
import './timers/schedules.ts';
import './timers/sweep.ts';
import './webhooks/azureMonitor.ts';
import './webhooks/generic.ts';

app.hook.appStart(() => {
  try {
    config();
  } catch (error) {
    // The app starts all the same: every route then says what is wrong, and no host is kept from
    // showing its log.
    // eslint-disable-next-line no-console -- no function runs yet whose log this could be
    console.error(messageOf(error));
  }
});

durable.app.orchestration('runJob', runJob);
durable.app.orchestration('phase', phase);
durable.app.orchestration('runPlan', runPlan);
durable.app.orchestration('startShard', startShard);
