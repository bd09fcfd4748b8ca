// One life of the app within this process. A process dies only at what it asks of others, so its
// requests are where a life may end: from then on nothing of it goes out, nothing that comes back
// is heard, and whatever it waited for never comes.
import { AsyncLocalStorage } from 'node:async_hooks';
import http, { type ClientRequest } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import type { Socket } from 'node:net';

/** A request before it has left. */
export interface Outgoing {
  /** The function of the app on whose behalf it is sent. */
  readonly asker: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * When a life ends at a request: before it arrives, once it is done and not answered, or once the
 * answer was heard, before the next one.
 */
export type Moment = 'before' | 'done' | 'answered';

export class Life {
  readonly #momentOf: (asked: Outgoing) => Moment | undefined;
  readonly #open = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #afterwards: (() => void)[] = [];
  /** It is said how it ends. */
  #doomed = false;
  /** It has heard the last answer that it hears. */
  #last = false;
  over = false;

  /** `momentOf` is asked once for each request. */
  constructor(momentOf: (asked: Outgoing) => Moment | undefined) {
    this.#momentOf = momentOf;
  }

  whenOver(then: () => void): void {
    this.#afterwards.push(then);
  }

  /** What runs in `work`, and all that it begins, is done on behalf of this function. */
  run<T>(asker: string, work: () => T): T {
    return here.run({ life: this, asker }, work);
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    for (const socket of this.#open) socket.destroy();
    for (const timer of this.#timers) clearTimeout(timer);
    // Who comes next is not part of what ended.
    here.exit(() => {
      for (const then of this.#afterwards) then();
    });
  }

  /** Nobody dies any more: who was to die at the next request does so now. */
  settle(): void {
    if (this.#doomed) this.end();
  }

  /** Whether it may go, and what then. */
  meets(asked: Outgoing): Moment | undefined {
    if (this.#last) this.end();
    if (this.over) return 'before';
    if (this.#doomed) return undefined;
    const moment = this.#momentOf(asked);
    this.#doomed = moment !== undefined;
    if (moment === 'before') this.end();
    return moment;
  }

  /** The answer to a request of that moment has come. True when the app hears of it. */
  hears(moment: Moment | undefined): boolean {
    if (moment === 'done') this.end();
    if (moment === 'answered') this.#last = true;
    return !this.over;
  }

  waitsFor(timer: NodeJS.Timeout): void {
    if (this.over) clearTimeout(timer);
    else this.#timers.add(timer);
  }

  forgets(timer: NodeJS.Timeout): void {
    this.#timers.delete(timer);
  }

  holds(socket: Socket): void {
    if (this.over) socket.destroy();
    // It may carry many requests, one after the other.
    if (this.#open.has(socket)) return;
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
  }
}

/** What a life still waits for would keep all of it in memory. */
function watchTimers(): void {
  const { setTimeout } = globalThis;
  const watched = (
    run: (...values: unknown[]) => void,
    milliseconds?: number,
    ...values: unknown[]
  ): NodeJS.Timeout => {
    const life = here.getStore()?.life;
    if (!life) return setTimeout(run, milliseconds, ...values);
    const timer: NodeJS.Timeout = setTimeout(() => {
      life.forgets(timer);
      run(...values);
    }, milliseconds);
    life.waitsFor(timer);
    return timer;
  };
  globalThis.setTimeout = Object.assign(watched, setTimeout);
}

const here = new AsyncLocalStorage<{ readonly life: Life; readonly asker: string }>();
const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/**
 * Once in a process: requests that are sent on behalf of a life are its own affair, all others go
 * as they are.
 */
export function watchRequests(): void {
  watchTimers();
  for (const [module, protocol] of [
    [http, 'http:'],
    [https, 'https:'],
  ] as const) {
    const request = module.request as (...how: unknown[]) => ClientRequest;
    const watched = (...how: unknown[]): ClientRequest => {
      const asking = here.getStore();
      const sent = request(...how);
      return asking ? guarded(sent, protocol, asking.life, asking.asker) : sent;
    };
    Object.assign(module, { request: watched });
  }
  syncBuiltinESMExports();
  const { fetch } = globalThis;
  globalThis.fetch = async (input, options) => {
    const asking = here.getStore();
    if (!asking) return await fetch(input, options);
    const url = new URL(input instanceof Request ? input.url : input);
    const moment = asking.life.meets({
      asker: asking.asker,
      method: options?.method ?? 'GET',
      url,
      headers: {},
      body: typeof options?.body === 'string' ? options.body : '',
    });
    if (moment === 'before') return await never();
    const answer = await fetch(input, options);
    return asking.life.hears(moment) ? answer : await never();
  };
}

/** It is held back until all of it is there, for only then it says what it asks. */
function guarded(request: ClientRequest, protocol: string, life: Life, asker: string): ClientRequest {
  const parts: Buffer[] = [];
  let moment: Moment | undefined;
  const end = request.end.bind(request);
  const emit = request.emit.bind(request);
  const keep = (part: unknown): void => {
    if (typeof part === 'string' || part instanceof Uint8Array) parts.push(Buffer.from(part));
  };
  request.on('error', () => undefined);
  request.write = ((part: unknown, ...more: unknown[]) => {
    keep(part);
    const told = more.find((one) => typeof one === 'function') as (() => void) | undefined;
    if (told) setImmediate(told);
    return true;
  }) as typeof request.write;
  request.end = ((part?: unknown) => {
    keep(part);
    const body = Buffer.concat(parts);
    moment = life.meets({
      asker,
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
    if (event === 'socket') life.holds(values[0] as Socket);
    // An error too is an answer: it is done, as far as it will be.
    if ((event === 'response' || event === 'error') && !life.hears(moment)) return true;
    if (life.over && event !== 'socket') return true;
    return emit(event, ...values);
  }) as typeof request.emit;
  return request;
}
