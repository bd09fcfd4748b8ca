// An app with timer functions. They write each run to a file.

import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const note = (entry) => appendFileSync(process.env.RUNS_FILE, `${JSON.stringify(entry)}\n`);
let running = 0;

app.timer('hourly', {
  schedule: '0 0 * * * *',
  handler: (timer) =>
    note({ hourly: timer.isPastDue, last: timer.scheduleStatus.last, next: timer.scheduleStatus.next }),
});

app.timer('slow', {
  schedule: '%QUICK%',
  handler: async () => {
    running += 1;
    note({ slow: running });
    await sleep(20);
    running -= 1;
  },
});

df.app.client.timer('starter', {
  schedule: '0 0 0 1 1 *',
  handler: async (_timer, client) => {
    note({ started: await client.startNew('nap', { instanceId: 'by-timer' }) });
    throw new Error('and then it failed');
  },
});

df.app.orchestration('nap', function* (context) {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1_000));
});

app.timer('stubborn', {
  schedule: '0 0 0 1 1 *',
  retry: { strategy: 'fixedDelay', maxRetryCount: 2, delayInterval: { minutes: 10 } },
  handler: (_timer, { retryContext }) => {
    note({ stubborn: { ...retryContext, exception: retryContext.exception?.message } });
    throw new Error(`failure ${retryContext.retryCount}`);
  },
});

app.timer('patient', {
  schedule: '0 0 0 2 1 *',
  retry: {
    strategy: 'exponentialBackoff',
    maxRetryCount: -1,
    minimumInterval: { seconds: 10 },
    maximumInterval: { seconds: 30 },
  },
  handler: (_timer, { retryContext }) => {
    note({ patient: retryContext.retryCount });
    if (retryContext.retryCount < 4) throw new Error('not yet');
  },
});
