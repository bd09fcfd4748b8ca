// The desk's Cosmos DB, alone, behind a server of the desk.

import { checkMasterKey, createCosmos, type CosmosOptions } from '../../../desk/cosmos/server.ts';
import { localClock } from '../../../desk/clock/local-clock.ts';
import type { Exchange } from '../../../desk/wire/exchange.ts';
import { createFaults } from '../../../desk/wire/faults.ts';
import { startServer } from '../../../desk/wire/server.ts';

export const KEY = Buffer.from('the key of a Cosmos DB account on the desk, for tests only').toString('base64');

export interface LocalServer {
  readonly endpoint: string;
  /** What was asked so far. */
  readonly requests: readonly Exchange[];
  close(): Promise<void>;
}

export async function startLocalServer(options: Partial<CosmosOptions> & { readonly dataFile: string }): Promise<LocalServer> {
  let endpoint = '';
  const requests: Exchange[] = [];
  const clock = localClock('real');
  const cosmos = createCosmos({
    clock, ranges: 1, containers: [], baseUrl: () => endpoint,
    authenticate: (exchange) => checkMasterKey(exchange, KEY),
    ...options,
  });
  const handler = (exchange: Exchange) => {
    requests.push(exchange);
    return cosmos.handle(exchange);
  };
  const server = await startServer({ service: 'cosmos', handler, faults: createFaults(), port: 0 });
  endpoint = server.url;
  return {
    endpoint, requests,
    close: async () => {
      await server.close();
      cosmos.close();
      clock.close();
    },
  };
}
