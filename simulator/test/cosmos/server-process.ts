// A separate process that serves Cosmos DB from a given file until a test kills it.

import { startLocalServer } from './local-server.ts';

const server = await startLocalServer({
  dataFile: process.argv[2] ?? '',
  containers: [{ database: 'kept', id: 'things', partitionKeyPaths: ['/group'] }],
});
process.stdout.write(`${server.endpoint}\n`);
