// A separate process that serves Service Bus from a given file and on a given port, until a test
// kills it.

import { createServiceBus } from '../../servicebus/server.ts';
import { KEYS, LOCAL_ENTITIES } from './start-bus-process.ts';

const bus = await createServiceBus({
  dataFile: process.argv[2] ?? '',
  port: Number(process.argv[3]),
  entities: LOCAL_ENTITIES,
  keys: KEYS,
});
process.stdout.write(`${bus.port} ${bus.connectionString('tests')}\n`);
