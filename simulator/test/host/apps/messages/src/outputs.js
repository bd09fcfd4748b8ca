// A CommonJS app with functions that send messages.

const { app, output } = require('@azure/functions');
const note = require('./note.js');

const out = output.serviceBusQueue({ connection: 'BUS', queueName: 'out' });
const gone = output.serviceBusQueue({ connection: 'BUS', queueName: 'not-there' });
const told = output.serviceBusTopic({ connection: 'BUS', topicName: '%NEWS__TOPIC%' });

app.post('send', {
  extraOutputs: [out, told],
  handler: async (request, context) => {
    const { toQueue, toTopic, bytes, fail } = await request.json();
    context.extraOutputs.set(out, bytes ? Buffer.from(bytes) : toQueue);
    context.extraOutputs.set(told, toTopic);
    if (fail) throw new Error('nothing is sent');
    return { body: 'sent' };
  },
});

app.post('sendNowhere', {
  extraOutputs: [gone],
  handler: (_request, context) => context.extraOutputs.set(gone, 'lost'),
});

app.serviceBusQueue('doubled', {
  connection: 'BUS',
  queueName: 'doubled',
  return: out,
  handler: (message) => [message, message],
});

app.serviceBusQueue('relay', {
  connection: 'BUS',
  queueName: 'relay',
  return: gone,
  handler: (message, context) => {
    note({ relay: message, count: context.triggerMetadata.deliveryCount });
    return message;
  },
});
