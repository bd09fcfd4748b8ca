// Messages that start orchestrations, and activities that send messages.
const { setTimeout: sleep } = require('node:timers/promises');
const { app, output } = require('@azure/functions');
const df = require('durable-functions');
const note = require('./note.js');

const results = output.serviceBusQueue({ connection: 'BUS', queueName: 'results' });

app.serviceBusQueue('starter', {
  connection: 'BUS',
  queueName: 'starts',
  extraInputs: [df.input.durableClient()],
  handler: async ({ id }, context) => {
    note({ started: id, count: context.triggerMetadata.deliveryCount });
    await sleep(20);
    await df.getClient(context).startNew('walk', { instanceId: id, input: id });
    await sleep(20);
  },
});

df.app.activity('tell', {
  extraOutputs: [results],
  handler: (id, context) => {
    context.extraOutputs.set(results, { id });
    return `told ${id}`;
  },
});

df.app.orchestration('walk', function* (context) {
  return yield context.df.callActivity('tell', context.df.getInput());
});

df.app.orchestration('hourAsleep', function* (context) {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 3_600_000));
});

app.post('startSleeper', {
  extraInputs: [df.input.durableClient()],
  handler: async (_request, context) => ({
    body: await df.getClient(context).startNew('hourAsleep', { instanceId: 'sleeper' }),
  }),
});
