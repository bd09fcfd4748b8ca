// Every five minutes: plans whose runbook has become different by another way than a save or a job,
// and addresses that have not got it yet.
import { app } from '@azure/functions';
import { tellOfAll } from '../../shared/runs/runbook.ts';

app.timer('runbooks', {
  schedule: '20 */5 * * * *',
  handler: (_timer, context) => tellOfAll((message) => context.warn(message)),
});
