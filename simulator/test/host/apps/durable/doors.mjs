// Gives tests the durable client of an app: the tests see the same answers as the app.
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const methods = {
  startNew: (client, { name, options }) => client.startNew(name, options),
  getStatus: (client, { id, options }) => client.getStatus(id, options),
  getStatusAll: (client) => client.getStatusAll(),
  getStatusBy: (client, { createdTimeFrom, createdTimeTo, runtimeStatus }) =>
    client.getStatusBy({
      createdTimeFrom: createdTimeFrom && new Date(createdTimeFrom),
      createdTimeTo: createdTimeTo && new Date(createdTimeTo),
      runtimeStatus,
    }),
  raiseEvent: (client, { id, name, data }) => client.raiseEvent(id, name, data),
  terminate: (client, { id, reason }) => client.terminate(id, reason),
  suspend: (client, { id, reason }) => client.suspend(id, reason),
  resume: (client, { id, reason }) => client.resume(id, reason),
  rewind: (client, { id, reason }) => client.rewind(id, reason),
  readEntity: (client, { name, key }) => client.readEntityState(new df.EntityId(name, key)),
  signalEntity: (client, { name, key }) => client.signalEntity(new df.EntityId(name, key), 'add', 1),
  purge: (client, { id }) => client.purgeInstanceHistory(id),
  purgeBy: (client, { createdTimeFrom, runtimeStatus }) =>
    client.purgeInstanceHistoryBy({
      createdTimeFrom: createdTimeFrom && new Date(createdTimeFrom),
      runtimeStatus,
    }),
};

df.app.client.http('client', {
  methods: ['POST'],
  route: 'client/{method}',
  handler: async (request, client) => {
    try {
      return {
        jsonBody: { value: (await methods[request.params.method](client, await request.json())) ?? null },
      };
    } catch (error) {
      return { status: 500, jsonBody: { error: error.message } };
    }
  },
});

df.app.client.http('startAndShow', {
  methods: ['POST'],
  route: 'show/{name}',
  handler: async (request, client) =>
    client.createCheckStatusResponse(request, await client.startNew(request.params.name, { input: 1 })),
});

app.http('ping', { methods: ['GET'], handler: () => ({ body: 'pong' }) });
