// The interface between the host and the engine that runs durable functions.

import type { HostRequest, HostResponse } from './http/request.ts';

/** `real` is Microsoft's Durable extension. `simulated` is the engine of this host. */
export type EngineName = 'simulated' | 'real';

export interface DurableEngine {
  /** Answers a request of the durable client. `path` excludes the client's base address. */
  handleClientRequest(request: HostRequest, path: readonly string[]): Promise<HostResponse>;
  /** Returns a named fact for tests, or undefined when the engine does not know the name. */
  readFact(name: string): unknown;
  /** Continues where the last process stopped. Resolves when the engine takes work. */
  start(): Promise<void>;
  /** Starts no more work. Resolves when the running work has ended. */
  stop(): Promise<void>;
  /** Ends at once. The running work runs again at the next start. */
  abandon(): void;
}

/** Parses an engine name from the command line. */
export function parseEngineName(text: string): EngineName {
  if (text === 'simulated' || text === 'real') return text;
  throw new Error(`"${text}" is no engine: simulated or real.`);
}
