// Sends requests to the clock service. Requests have no timeout, because some responses wait until
// the simulated time moves.

import { Agent, request } from 'node:http';

export interface ClockReading {
  readonly now: number;
  /** Null for a jumping clock. Some responses omit the rate. */
  readonly rate: number | null;
}

export interface ClockClient {
  send(method: 'GET' | 'POST', path: string, body?: unknown, signal?: AbortSignal): Promise<ClockReading>;
  close(): void;
}

/** Creates a client of the clock service at `url`. */
export function createClockClient(url: string): ClockClient {
  const agent = new Agent({ keepAlive: true });

  const send: ClockClient['send'] = (method, path, body, signal) =>
    new Promise((resolve, reject) => {
      const call = request(new URL(path, url), { method, agent, ...(signal && { signal }) }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(parseReading(text));
          else reject(new Error(`The simulated clock answered ${response.statusCode ?? 0}: ${text}`));
        });
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });

  return { send, close: () => agent.destroy() };
}

function parseReading(text: string): ClockReading {
  const { now, rate = null } = JSON.parse(text) as { now: string; rate?: number | null };
  return { now: Date.parse(now), rate };
}
