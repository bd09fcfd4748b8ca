// Runs durable functions on Microsoft's own extension. The extension schedules; this process runs
// the forwarded calls.

import { join } from 'node:path';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import type { DurableEngine } from '../durable-engine.ts';
import type { FunctionTable } from '../app/functions.ts';
import type { Invoke } from '../app/invoke.ts';
import type { HostRequest, HostResponse } from '../http/request.ts';
import type { Log } from '../log.ts';
import { buildExtension } from './build-extension.ts';
import { ExtensionProcess } from './extension-process.ts';
import { openForwardedCalls, type ForwardedCalls } from './forwarded-calls.ts';
import { TimeConversion } from './time-conversion.ts';

export interface RealEngineOptions {
  readonly dataDir: string;
  readonly clock: SimulatedClock;
  readonly functions: FunctionTable;
  readonly invoke: Invoke;
  readonly durableClient: string;
  readonly log: Log;
  readonly taskHub: string;
  readonly maxConcurrentActivities: number;
}

const MAX_ORCHESTRATORS = 32;
/**
 * The engine forwards these headers of an answer. All other headers concern the connection alone.
 */
const FORWARDED_HEADERS = ['content-type', 'location', 'retry-after', 'x-ms-continuation-token'];

export class RealEngine implements DurableEngine {
  readonly #parts: RealEngineOptions;
  readonly #times: TimeConversion;
  #calls: ForwardedCalls | undefined;
  #extension: ExtensionProcess | undefined;

  constructor(parts: RealEngineOptions) {
    this.#parts = parts;
    this.#times = new TimeConversion(join(parts.dataDir, 'durable-times.json'), parts.clock);
  }

  async start(): Promise<void> {
    const { log, taskHub, maxConcurrentActivities } = this.#parts;
    const file = await buildExtension();
    this.#calls = await openForwardedCalls({ ...this.#parts, times: this.#times });
    this.#extension = new ExtensionProcess({
      file,
      log,
      args: [
        ...['--app', this.#calls.url, '--hub', taskHub],
        ...['--activities', String(maxConcurrentActivities), '--orchestrators', String(MAX_ORCHESTRATORS)],
      ],
    });
    await this.#extension.start();
  }

  /** A request waits while the extension starts. */
  async handleClientRequest(request: HostRequest, path: readonly string[]): Promise<HostResponse> {
    const address = await this.#extension?.address;
    if (address === undefined) return { status: 503 };
    const target = new URL(path.map(encodeURIComponent).join('/'), address);
    target.search = request.url.search;
    const { 'content-type': type, 'x-ms-continuation-token': continuation } = request.headers;
    const response = await fetch(target, {
      method: request.method,
      headers: {
        ...(type !== undefined && { 'content-type': type }),
        ...(continuation !== undefined && { 'x-ms-continuation-token': continuation }),
      },
      ...(request.body.length > 0 && { body: new Uint8Array(request.body) }),
    });
    return {
      status: response.status,
      headers: Object.fromEntries([...response.headers].filter(([name]) => FORWARDED_HEADERS.includes(name))),
      body: await response.text(),
    };
  }

  readFact(name: string): unknown {
    return name === 'engine' ? { pid: this.#extension?.pid ?? null } : undefined;
  }

  async stop(): Promise<void> {
    await this.#extension?.stop();
    this.#calls?.close();
  }

  abandon(): void {
    this.#extension?.kill();
    this.#calls?.close();
  }
}
