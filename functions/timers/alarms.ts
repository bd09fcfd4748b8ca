// Every five minutes: what is wrong with plans between their runs is told.
import { app } from '@azure/functions';
import { watchPlans } from '../../shared/alarms/watch.ts';

app.timer('alarms', {
  schedule: '50 */5 * * * *',
  handler: async (_timer, context) => {
    const { raised, cleared } = await watchPlans();
    if (raised + cleared > 0) context.warn(`${raised} alarms were raised, ${cleared} cleared.`);
  },
});
