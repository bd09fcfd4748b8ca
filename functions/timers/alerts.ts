// Each minute: alerts and decisions that a process which died has left, and those that wait for a
// person's word.
import { app } from '@azure/functions';
import * as durable from 'durable-functions';
import { goOn } from '../../shared/alerts/act.ts';
import { beginning } from '../walks.ts';

app.timer('alerts', {
  schedule: '30 * * * * *',
  extraInputs: [durable.input.durableClient()],
  handler: (_timer, context) => goOn(beginning(context), (message) => context.warn(message)),
});
