// One connection to a host with one request after another, as a proxy in front of the host keeps
// it.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';

export interface RequestInput {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** True: in chunks, without a length. Default: as a whole. */
  readonly chunked?: boolean;
}

export interface ReceivedAnswer {
  readonly status: number;
  readonly text: string;
}

const TIMEOUT_MILLISECONDS = 10_000;
const CHUNK_BYTES = 100_000;

export class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** Sends a request. Fails when no answer comes. */
  send({ method = 'GET', path, headers = {}, body, chunked = false }: RequestInput): Promise<ReceivedAnswer> {
    const { hostname, port } = new URL(this.#origin);
    return new Promise((resolve, reject) => {
      const length: Record<string, string> =
        body === undefined
          ? {}
          : chunked
            ? { 'transfer-encoding': 'chunked' }
            : { 'content-length': String(Buffer.byteLength(body)) };
      const call = request(
        {
          hostname,
          port,
          method,
          path,
          headers: { ...headers, ...length },
          agent: this.#agent,
          timeout: TIMEOUT_MILLISECONDS,
        },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() }),
          );
        },
      );
      call.on('error', (error) => reject(new Error(`${method} ${path}: ${error.message}`)));
      call.on('timeout', () => call.destroy(new Error(`${method} ${path} was not answered.`)));
      if (chunked)
        for (let at = 0; at < (body?.length ?? 0); at += CHUNK_BYTES)
          call.write(body?.slice(at, at + CHUNK_BYTES));
      call.end(chunked ? undefined : body);
    });
  }

  /** Sends the first bytes of a longer body and closes the connection. */
  async sendPartAndClose(
    { method = 'POST', path, headers = {} }: RequestInput,
    letters: number,
  ): Promise<void> {
    const { hostname, port } = new URL(this.#origin);
    const socket = connect(Number(port), hostname);
    const lines = Object.entries({ host: hostname, 'content-length': '100', ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    await new Promise((resolve) =>
      socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${' '.repeat(letters)}`, resolve),
    );
    socket.destroy();
  }

  close(): void {
    this.#agent.destroy();
  }
}
