// The simulator's Cosmos DB alone, behind a server of the simulator.

import {
  checkMasterKey,
  createCosmos,
  type CosmosOptions,
  type CosmosSettings,
} from '../../cosmos/server.ts';
import { createLocalClock } from '../../clock/local-clock.ts';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import type { Exchange } from '../../wire/exchange.ts';
import { createFaults } from '../../wire/faults.ts';
import { startServer } from '../../wire/server.ts';

export const KEY = Buffer.from('the key of a Cosmos DB account in the simulator, for tests only').toString(
  'base64',
);

export interface LocalServer {
  readonly endpoint: string;
  /** All requests so far. */
  readonly requests: readonly Exchange[];
  /** Moves simulated time forward. */
  advance(seconds: number): Promise<void>;
  changeSettings(settings: Partial<CosmosSettings>): Promise<void>;
  close(): Promise<void>;
}

export async function startLocalServer(
  options: Partial<CosmosOptions> & { readonly dataFile: string },
): Promise<LocalServer> {
  let endpoint = '';
  const requests: Exchange[] = [];
  let offsetMilliseconds = 0;
  const wall = createLocalClock('real');
  const clock: SimulatedClock = { ...wall, now: () => wall.now() + offsetMilliseconds };
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
    advance: (seconds) => {
      offsetMilliseconds += seconds * 1000;
      return Promise.resolve();
    },
    changeSettings: async (settings) => {
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
