// Every ten minutes: the recovery plans that people keep in Site Recovery are brought in as Lifeboat's.
import { app } from '@azure/functions';
import { importPlans } from '../../shared/plans/importPlans.ts';
import { forEachVault } from '../../shared/replications/registerVms.ts';

app.timer('importPlans', { schedule: '15 */10 * * * *', handler: () => forEachVault(importPlans) });
