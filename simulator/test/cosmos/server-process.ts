// A process of its own that serves Cosmos DB from the file it is told, until it is killed.

import { startLocalServer } from './local-server.ts';

const server = await startLocalServer({
  dataFile: process.argv[2] ?? '',
  containers: [{ database: 'kept', id: 'things', partitionKeyPaths: ['/group'] }],
});
process.stdout.write(`${server.endpoint}\n`);
