// The simulator's Cosmos DB, alone, behind a server of the simulator.

import {
  checkMasterKey,
  createCosmos,
  type CosmosOptions,
  type CosmosSettings,
} from '../../cosmos/server.ts';
import { localClock } from '../../clock/local-clock.ts';
import type { StoryClock } from '../../clock/story-clock.ts';
import type { Exchange } from '../../wire/exchange.ts';
import { createFaults } from '../../wire/faults.ts';
import { startServer } from '../../wire/server.ts';

export const KEY = Buffer.from('the key of a Cosmos DB account in the simulator, for tests only').toString(
  'base64',
);

export interface LocalServer {
  readonly endpoint: string;
  /** What was asked so far. */
  readonly requests: readonly Exchange[];
  /** Moves story time on. */
  later(seconds: number): Promise<void>;
  change(settings: Partial<CosmosSettings>): Promise<void>;
  close(): Promise<void>;
}

export async function startLocalServer(
  options: Partial<CosmosOptions> & { readonly dataFile: string },
): Promise<LocalServer> {
  let endpoint = '';
  const requests: Exchange[] = [];
  let ahead = 0;
  const wall = localClock('real');
  const clock: StoryClock = { ...wall, now: () => wall.now() + ahead };
  const cosmos = createCosmos({
    clock,
    ranges: 1,
    containers: [],
    baseUrl: () => endpoint,
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
    endpoint,
    requests,
    later: (seconds) => {
      ahead += seconds * 1000;
      return Promise.resolve();
    },
    change: async (settings) => {
      const asked: Exchange = {
        service: 'admin',
        method: 'PATCH',
        path: '/cosmos',
        headers: {},
        body: Buffer.from(''),
        json: () => settings,
      };
      const { status, body } = await cosmos.admin(asked);
      if (status !== 200) throw new Error(JSON.stringify(body));
    },
    close: async () => {
      await server.close();
      cosmos.close();
      clock.close();
    },
  };
}
