// What the host needs of the engine that runs durable functions.

import type { HostRequest, HostResponse } from './http/request.ts';

/** `real` is Microsoft's Durable extension; `simulated` is the engine of this host. */
export type EngineName = 'simulated' | 'real';

export interface DurableEngine {
  /** Answers the durable client; `path` is what follows the client's base address. */
  handleClientRequest(request: HostRequest, path: readonly string[]): Promise<HostResponse>;
  /** A fact for tests, by its name; undefined when the engine does not know the name. */
  readFact(name: string): unknown;
  /** Goes on where the last process stopped; resolves when the engine takes work. */
  start(): Promise<void>;
  /** Starts no more work; resolves when running work has ended. */
  stop(): Promise<void>;
  /** Ends at once. Running work will run again. */
  abandon(): void;
}

/** Reads an engine's name as a command line gives it. */
export function parseEngineName(text: string): EngineName {
  if (text === 'simulated' || text === 'real') return text;
  throw new Error(`"${text}" is no engine: simulated or real.`);
}
