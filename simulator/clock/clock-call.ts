// Questions to the clock service, without a time-out: some are answered only when story time moves.

import { Agent, request } from 'node:http';

export interface Reading {
  readonly now: number;
  /** Null for a clock that jumps; not told by every answer. */
  readonly rate: number | null;
}

export interface ClockCall {
  ask(method: 'GET' | 'POST', path: string, body?: unknown, signal?: AbortSignal): Promise<Reading>;
  close(): void;
}

export function clockCall(url: string): ClockCall {
  const agent = new Agent({ keepAlive: true });

  const ask: ClockCall['ask'] = (method, path, body, signal) =>
    new Promise((resolve, reject) => {
      const call = request(new URL(path, url), { method, agent, ...(signal && { signal }) }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(readingOf(text));
          else reject(new Error(`The story clock answered ${response.statusCode ?? 0}: ${text}`));
        });
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });

  return { ask, close: () => agent.destroy() };
}

function readingOf(text: string): Reading {
  const { now, rate = null } = JSON.parse(text) as { now: string; rate?: number | null };
  return { now: Date.parse(now), rate };
}
