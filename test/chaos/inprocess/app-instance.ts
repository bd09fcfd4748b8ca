// One instance of the app within this process. A process dies only at its outgoing requests, so an
// instance may end at each request. After its end no request leaves and no answer arrives.
// Everything that the instance waited for stays open.
import { AsyncLocalStorage } from 'node:async_hooks';
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import type { Socket } from 'node:net';

/** A request before it leaves. */
export interface OutgoingRequest {
  /** The function of the app that sends the request. */
  readonly functionName: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * The moment at which an instance ends at a request. `before`: before the request arrives. `done`:
 * the server completed it without an answer. `answered`: the answer arrived, and the next request
 * has not started.
 */
export type KillMoment = 'before' | 'done' | 'answered';

export class AppInstance {
  readonly #momentOf: (outgoing: OutgoingRequest) => KillMoment | undefined;
  readonly #open = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #afterwards: (() => void)[] = [];
  /** This instance must end. */
  #doomed = false;
  /** The instance has received its last answer. */
  #last = false;
  isEnded = false;

  /** The constructor asks `momentOf` once for each request. */
  constructor(momentOf: (outgoing: OutgoingRequest) => KillMoment | undefined) {
    this.#momentOf = momentOf;
  }

  onEnd(then: () => void): void {
    this.#afterwards.push(then);
  }

  /** Runs `work`, and everything that it starts, on behalf of this function. */
  run<T>(asker: string, work: () => T): T {
    return currentInstance.run({ life: this, asker }, work);
  }

  end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    for (const socket of this.#open) socket.destroy();
    for (const timer of this.#timers) clearTimeout(timer);
    // The next instance does not belong to the ended instance.
    currentInstance.exit(() => {
      for (const then of this.#afterwards) then();
    });
  }

  /** Ends all kills. An instance that was to die at its next request dies now. */
  endIfDoomed(): void {
    if (this.#doomed) this.end();
  }

  /** Decides whether the request may leave, and the moment at which the instance dies. */
  beforeRequest(outgoing: OutgoingRequest): KillMoment | undefined {
    if (this.#last) this.end();
    if (this.isEnded) return 'before';
    if (this.#doomed) return undefined;
    const moment = this.#momentOf(outgoing);
    this.#doomed = moment !== undefined;
    if (moment === 'before') this.end();
    return moment;
  }

  /** Receives the answer to a request of that moment. Returns true when the app may read the answer. */
  afterAnswer(moment: KillMoment | undefined): boolean {
    if (moment === 'done') this.end();
    if (moment === 'answered') this.#last = true;
    return !this.isEnded;
  }

  addTimer(timer: NodeJS.Timeout): void {
    if (this.isEnded) clearTimeout(timer);
    else this.#timers.add(timer);
  }

  removeTimer(timer: NodeJS.Timeout): void {
    this.#timers.delete(timer);
  }

  addSocket(socket: Socket): void {
    if (this.isEnded) socket.destroy();
    // One socket may carry many requests, one after the other.
    if (this.#open.has(socket)) return;
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
  }
}

/** A pending timer of an ended instance would keep the whole instance in memory. */
function interceptTimers(): void {
  const { setTimeout } = globalThis;
  const watched = (
    run: (...values: unknown[]) => void,
    milliseconds?: number,
    ...values: unknown[]
  ): NodeJS.Timeout => {
    const life = currentInstance.getStore()?.life;
    if (!life) return setTimeout(run, milliseconds, ...values);
    const timer: NodeJS.Timeout = setTimeout(() => {
      life.removeTimer(timer);
      run(...values);
    }, milliseconds);
    life.addTimer(timer);
    return timer;
  };
  globalThis.setTimeout = Object.assign(watched, setTimeout);
}

const currentInstance = new AsyncLocalStorage<{ readonly life: AppInstance; readonly asker: string }>();
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/**
 * Call this once in a process. It intercepts requests on behalf of an instance, and lets all others
 * pass unchanged.
 */
export function interceptRequests(): void {
  interceptTimers();
  for (const [module, protocol] of [
    [http, 'http:'],
    [https, 'https:'],
  ] as const) {
    const request = module.request as (...how: unknown[]) => ClientRequest;
    const watched = (...how: unknown[]): ClientRequest => {
      const asking = currentInstance.getStore();
      const sent = request(...how);
      return asking ? interceptRequest(sent, protocol, asking.life, asking.asker) : sent;
    };
    Object.assign(module, { request: watched });
  }
  syncBuiltinESMExports();
  const { fetch } = globalThis;
  globalThis.fetch = async (input, options) => {
    const asking = currentInstance.getStore();
    if (!asking) return await fetch(input, options);
    const url = new URL(input instanceof Request ? input.url : input);
    const moment = asking.life.beforeRequest({
      functionName: asking.asker,
      method: options?.method ?? 'GET',
      url,
      headers: {},
      body: typeof options?.body === 'string' ? options.body : '',
    });
    if (moment === 'before') return await never();
    const answer = await fetch(input, options);
    return asking.life.afterAnswer(moment) ? answer : await never();
  };
}

/** Holds the request back until it is complete, because only the complete request shows its purpose. */
function interceptRequest(
  request: ClientRequest,
  protocol: string,
  life: AppInstance,
  asker: string,
): ClientRequest {
  const parts: Buffer[] = [];
  let moment: KillMoment | undefined;
  const end = request.end.bind(request);
  const emit = request.emit.bind(request);
  const addPart = (part: unknown): void => {
    if (typeof part === 'string' || part instanceof Uint8Array) parts.push(Buffer.from(part));
  };
  request.on('error', () => undefined);
  request.write = ((part: unknown, ...more: unknown[]) => {
    addPart(part);
    const callback = more.find((candidate) => typeof candidate === 'function') as (() => void) | undefined;
    if (callback) setImmediate(callback);
    return true;
  }) as typeof request.write;
  request.end = ((part?: unknown) => {
    addPart(part);
    const body = Buffer.concat(parts);
    moment = life.beforeRequest({
      functionName: asker,
      method: request.method,
      url: new URL(request.path, `${protocol}//${String(request.getHeader('host'))}`),
      headers: Object.fromEntries(
        Object.entries(request.getHeaders()).map(([name, value]) => [name, String(value)]),
      ),
      body: body.toString(),
    });
    if (moment === 'before') return request.destroy();
    return end(body.length > 0 ? body : undefined, 'utf8');
  }) as typeof request.end;
  request.emit = ((event: string, ...values: unknown[]) => {
    if (event === 'socket') life.addSocket(values[0] as Socket);
    // An error is an answer too: the server does nothing more for the request.
    if ((event === 'response' || event === 'error') && !life.afterAnswer(moment)) return true;
    if (life.isEnded && event !== 'socket') return true;
    return emit(event, ...values);
  }) as typeof request.emit;
  return request;
}
