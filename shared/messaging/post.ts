// One POST to an address that somebody else chose: only where the list allows, to the very machine that was checked, and no further.
import { lookup } from 'node:dns/promises';
import { request as requestHttp, type ClientRequest, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { entryFor, isPrivate, type AllowedAddress } from '../domain/addresses.ts';
import { messageOf } from '../errors.ts';
import { TOO_LATE, type Delivered } from './target.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PostRules {
  readonly allowed: readonly AllowedAddress[];
  readonly timeoutSeconds: number;
  /** Wall time. Nothing is written to the connection after it. */
  readonly notAfter?: number;
  /** All addresses of a name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

const resolveByDns = async (host: string): Promise<string[]> => (await lookup(host, { all: true })).map(({ address }) => address);

export async function post(message: Post, rules: PostRules): Promise<Delivered> {
  try {
    const url = new URL(message.url);
    const signal = AbortSignal.timeout(rules.timeoutSeconds * 1000);
    const address = await Promise.race([checkedAddress(url, rules), aborted(signal)]);
    return judge(await send(url, address, message, { signal, notAfter: rules.notAfter ?? Infinity }));
  } catch (error) {
    return { delivered: false, why: messageOf(error), retryAfterSeconds: null };
  }
}

const aborted = (signal: AbortSignal): Promise<never> => new Promise((_, reject) => {
  signal.addEventListener('abort', () => reject(new Error('The name was not resolved in time.')), { once: true });
});

/** The one address that the request then goes to, whatever the name stands for a moment later. */
async function checkedAddress(url: URL, { allowed, resolve = resolveByDns }: PostRules): Promise<string> {
  const entry = entryFor(url, allowed);
  if (!entry) throw new Error(`${url.origin} is not on the list of allowed call-back addresses.`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) ? [host] : await resolve(host);
  const refused = entry.mayBePrivate ? undefined : addresses.find(isPrivate);
  if (refused !== undefined) throw new Error(`${url.host} leads to ${refused}, which is no public address, and the list does not allow that.`);
  const [address] = addresses;
  if (address === undefined || !isIP(address)) throw new Error(`${url.host} has no address.`);
  return address;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

function send(url: URL, address: string, { headers, body }: Post, { signal, notAfter }: { readonly signal: AbortSignal; readonly notAfter: number }): Promise<Answer> {
  const pinned: LookupFunction = (_host, { all }, answer) => {
    const family = isIP(address);
    if (all) answer(null, [{ address, family }]);
    else answer(null, address, family);
  };
  // A connection of its own: one that is kept from before might lead to where the name stood then.
  const options: RequestOptions = { method: 'POST', agent: false, lookup: pinned, signal, headers: { ...headers, 'content-length': Buffer.byteLength(body) } };
  return new Promise((resolve, reject) => {
    const request: ClientRequest = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (response) => {
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
      // What it says beyond its status is of no interest, however much it is.
      response.destroy();
    });
    request.on('error', (error) => reject(signal.aborted ? new Error('There was no answer in time.') : error));
    const write = (): void => {
      if (Date.now() > notAfter) request.destroy(new Error(TOO_LATE));
      else request.end(body);
    };
    // Names and connections take their time, and a process may be stopped in it: the moment is looked at when the first byte could go.
    request.on('socket', (socket) => socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', write));
  });
}

function judge({ status, retryAfter }: Answer): Delivered {
  if (status >= 200 && status < 300) return { delivered: true };
  const seconds = Number(retryAfter);
  const why = status >= 300 && status < 400 ? `It answered ${status}; a redirect is not followed.` : `It answered ${status}.`;
  return { delivered: false, why, retryAfterSeconds: Number.isFinite(seconds) && seconds > 0 ? seconds : null };
}
