// One request and its answer, as every server of the simulator sees them.

export type ServiceName = 'arm' | 'cosmos' | 'identity' | 'servicebus' | 'clock' | 'admin';

export interface Exchange {
  readonly service: ServiceName;
  readonly method: string;
  /** As received: path and query, still encoded. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The body as JSON, or undefined when there is none or it is no JSON. */
  json(): unknown;
  /** Aborts when the caller hangs up before it has its answer. */
  readonly abortSignal?: AbortSignal;
}

export interface SimulatorResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or Buffer goes out as it is, anything else as minified JSON; undefined: Content-Length: 0. */
  readonly body?: unknown;
}

export type Handler = (exchange: Exchange) => SimulatorResponse | Promise<SimulatorResponse>;
