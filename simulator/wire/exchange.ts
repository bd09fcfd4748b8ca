// One request and its response, in the form that all servers of the simulator use.

/** The servers that can receive a request. Fault rules name them. */
export type ServiceName = 'arm' | 'cosmos' | 'identity' | 'servicebus' | 'clock' | 'admin';

/** One received request. */
export interface Exchange {
  readonly service: ServiceName;
  readonly method: string;
  /** The path and the query as received, still encoded. */
  readonly path: string;
  /** The header names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Parses the body as JSON. Returns undefined when the body is empty or not valid JSON. */
  json(): unknown;
  /** Aborts when the caller closes the connection before the response is complete. */
  readonly abortSignal?: AbortSignal;
}

/** The response to a request, before the server writes it to the connection. */
export interface SimulatorResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The server sends a string or a Buffer unchanged, and any other value as minified JSON. Without
   * a body it sends `Content-Length: 0`.
   */
  readonly body?: unknown;
}

/** Answers the requests of one server. */
export type Handler = (exchange: Exchange) => SimulatorResponse | Promise<SimulatorResponse>;
