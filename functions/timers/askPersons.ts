// Each minute: persons are asked what jobs and alert rules need to know, and asked again.
import { app } from '@azure/functions';
import { askAll } from '../../shared/alerts/questions.ts';

app.timer('askPersons', {
  schedule: '45 * * * * *',
  handler: (_timer, context) => askAll((message) => context.warn(message)),
});
