// Each minute: news of jobs that did not reach everybody yet are carried on, wherever their relay died.
import { app } from '@azure/functions';
import { relayAll } from '../../shared/delivery/relay.ts';

app.timer('relay', {
  schedule: '45 * * * * *',
  handler: (_timer, context) => relayAll((message) => context.warn(message)),
});
