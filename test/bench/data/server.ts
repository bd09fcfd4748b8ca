// Runs Cosmos DB of the simulator in its own process. Its cost must not slow down the measuring
// process. The argument is the data file.

import { createLocalClock } from '../../../simulator/clock/local-clock.ts';
import { checkMasterKey, createCosmos } from '../../../simulator/cosmos/server.ts';
import { createFaults } from '../../../simulator/wire/faults.ts';
import { startServer } from '../../../simulator/wire/server.ts';
import { DATABASE, JOBS, KEY, RANGES, STEPS, THINGS } from './constants.ts';

let endpoint = '';
const byGroup = { database: DATABASE, partitionKeyPaths: ['/group'] };
const cosmos = createCosmos({
  dataFile: process.argv[2] ?? '',
  clock: createLocalClock('real'),
  ranges: RANGES,
  containers: [
    { ...byGroup, id: THINGS },
    { ...byGroup, id: STEPS },
    { ...byGroup, id: JOBS },
  ],
  baseUrl: () => endpoint,
  authenticate: (exchange) => checkMasterKey(exchange, KEY),
});
const server = await startServer({
  service: 'cosmos',
  handler: cosmos.handle,
  faults: createFaults(),
  port: 0,
});
endpoint = server.url;
process.stdout.write(`${endpoint}\n`);
