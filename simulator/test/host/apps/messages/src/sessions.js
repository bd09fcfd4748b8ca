// A CommonJS app with functions for session queues.

const { setTimeout: sleep } = require('node:timers/promises');
const { app } = require('@azure/functions');
const note = require('./note.js');

const working = new Map();

app.serviceBusQueue('sessions', {
  connection: 'BUS',
  queueName: 'sessions',
  isSessionsEnabled: true,
  handler: async (message, context) => {
    const { sessionId, deliveryCount } = context.triggerMetadata;
    working.set(sessionId, (working.get(sessionId) ?? 0) + 1);
    note({
      session: sessionId,
      message,
      deliveryCount,
      inSession: working.get(sessionId),
      sessions: [...working.values()].filter((count) => count > 0).length,
    });
    await sleep(20);
    working.set(sessionId, working.get(sessionId) - 1);
    if (message === 'fails once' && deliveryCount === 1) throw new Error('not yet');
  },
});
