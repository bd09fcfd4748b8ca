// `--trace FILE`: writes every exchange as one line of JSON. The lines serve for comparison with
// recordings of the real service.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { SimulatorResponse, Exchange } from './exchange.ts';

/** An open trace file. */
export interface Trace {
  record(exchange: Exchange, answer: SimulatorResponse): void;
  close(): void;
}

/** Opens a trace file and deletes its old content. */
export function createTrace(path: string): Trace {
  const file = openSync(path, 'w');
  return {
    record(exchange, answer) {
      writeSync(
        file,
        `${JSON.stringify({
          method: exchange.method,
          path: exchange.path,
          status: answer.status,
          responseHeaders: answer.headers ?? {},
          requestBody: exchange.json() ?? null,
          responseBody: bodyOf(answer.body),
        })}\n`,
      );
    },
    close: () => closeSync(file),
  };
}

function bodyOf(body: unknown): unknown {
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return body ?? null;
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return null;
  }
}
