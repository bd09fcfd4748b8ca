// A receiver that takes messages, prints their names, and then does nothing until a test kills it.

import { ServiceBusClient } from '@azure/service-bus';

const [, , connectionString = '', queue = '', count = '1', session] = process.argv;
const client = new ServiceBusClient(connectionString);
const options = { maxAutoLockRenewalDurationInMs: 0 };
const receiver =
  session === undefined
    ? client.createReceiver(queue, options)
    : await client.acceptSession(queue, session, options);
const messages = await receiver.receiveMessages(Number(count), { maxWaitTimeInMs: 5_000 });
process.stdout.write(`${JSON.stringify(messages.map(({ body }) => body as unknown))}\n`);
setInterval(() => undefined, 60_000);
