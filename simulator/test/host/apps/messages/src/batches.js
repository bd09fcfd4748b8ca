// A CommonJS app with functions for batches of messages.

const { app } = require('@azure/functions');
const note = require('./note.js');

app.serviceBusQueue('batches', {
  connection: 'BUS',
  queueName: 'batches',
  cardinality: 'many',
  handler: (messages, context) => {
    const { messageIdArray, deliveryCountArray, sequenceNumberArray, applicationPropertiesArray } =
      context.triggerMetadata;
    note({
      batch: messages,
      ids: messageIdArray,
      counts: deliveryCountArray,
      numbers: sequenceNumberArray,
      properties: applicationPropertiesArray,
    });
    if (messages.includes('fails once') && deliveryCountArray.some((count) => count === 1))
      throw new Error('not yet');
  },
});

app.serviceBusQueue('sessionBatches', {
  connection: 'BUS',
  queueName: 'session-batches',
  isSessionsEnabled: true,
  cardinality: 'many',
  handler: (messages, context) =>
    note({ sessionBatch: messages, sessions: context.triggerMetadata.sessionIdArray }),
});
