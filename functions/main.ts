// Everything the host finds when it loads the app.
import * as durable from 'durable-functions';
import { phase } from '../orchestrators/phase.ts';
import { runJob } from '../orchestrators/runJob.ts';
import { startShard } from '../orchestrators/startWaves.ts';
import './activities/activities.ts';
import './http/checkReadiness.ts';
import './http/createJob.ts';
import './http/firewall.ts';
import './http/listChoices.ts';
import './http/listPlans.ts';
import './http/listReplications.ts';
import './http/listSourceVms.ts';
import './http/listVaults.ts';
import './http/networkRules.ts';
import './http/previewEnabling.ts';
import './http/plans.ts';
import './http/readJob.ts';
import './http/steerJob.ts';
import './http/readReplication.ts';
import './http/readVault.ts';
import './timers/importPlans.ts';
import './timers/readVaults.ts';
import './timers/relay.ts';
import './timers/sweep.ts';

durable.app.orchestration('runJob', runJob);
durable.app.orchestration('phase', phase);
durable.app.orchestration('startShard', startShard);
