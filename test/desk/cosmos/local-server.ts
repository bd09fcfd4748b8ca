// The desk's Cosmos DB behind a plain HTTP server.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StoryClock } from '../../../desk/clock/story-clock.ts';
import { checkMasterKey, createCosmos, type CosmosOptions } from '../../../desk/cosmos/server.ts';
import type { Exchange, Handler } from '../../../desk/wire/exchange.ts';

export const KEY = Buffer.from('the key of a Cosmos DB account on the desk, for tests only').toString('base64');

export interface LocalServer {
  readonly endpoint: string;
  readonly requests: readonly Exchange[];
  close(): Promise<void>;
}

const WALL_CLOCK: StoryClock = {
  now: () => Date.now(),
  at: () => { throw new Error('Cosmos DB sets no alarms.'); },
  busy: () => () => undefined,
  close: () => undefined,
};

export async function startLocalServer(options: Partial<CosmosOptions> & { dataFile: string }): Promise<LocalServer> {
  let endpoint = '';
  const requests: Exchange[] = [];
  const cosmos = createCosmos({
    clock: WALL_CLOCK, ranges: 1, containers: [], baseUrl: () => endpoint,
    authenticate: (exchange) => checkMasterKey(exchange, KEY),
    ...options,
  });
  const server = createServer((request, response) => void serve(request, response, (exchange) => {
    requests.push(exchange);
    return cosmos.handle(exchange);
  }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    endpoint, requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      cosmos.close();
    },
  };
}

export async function serve(request: IncomingMessage, response: ServerResponse, handle: Handler): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const exchange: Exchange = {
    service: 'cosmos', method: request.method ?? '', path: request.url ?? '', headers, body,
    json: () => parse(body),
  };
  const answer = await handle(exchange);
  const text = answer.body === undefined ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status, { ...answer.headers, 'content-length': String(Buffer.byteLength(text)) });
  response.end(text);
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
