// A CommonJS app with functions for queues and topics, one message at a time.
const { setTimeout: sleep } = require('node:timers/promises');
const { app } = require('@azure/functions');
const note = require('./note.js');

let working = 0;

app.serviceBusQueue('orders', {
  connection: 'BUS',
  queueName: '%ORDERS%',
  handler: async (message, context) => {
    working += 1;
    note({ orders: message, working, metadata: context.triggerMetadata });
    await sleep(message.milliseconds ?? 0);
    working -= 1;
    note({ ended: message });
    if (message.fail) throw new Error('this order cannot be read');
  },
});

app.serviceBusTopic('news', {
  connection: 'BUS',
  topicName: '%NEWS__TOPIC%',
  subscriptionName: 'all-%STAGE%',
  handler: (message, context) => note({ news: message, subject: context.triggerMetadata.subject }),
});

app.generic('bytes', {
  trigger: {
    type: 'serviceBusTrigger',
    name: 'message',
    connection: 'BUS',
    queueName: 'bytes',
    dataType: 'binary',
  },
  handler: (message) => note({ bytes: Buffer.isBuffer(message) ? [...message] : 'no bytes' }),
});

app.serviceBusQueue('left', {
  connection: 'BUS',
  queueName: 'left',
  autoCompleteMessages: false,
  handler: (message, context) => note({ left: message, count: context.triggerMetadata.deliveryCount }),
});

app.http('alive', { handler: () => ({ body: 'yes' }) });
