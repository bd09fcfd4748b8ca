// One request to an address that somebody else chose: only where the list allows, to the very
// machine that was checked, and no further.
import { lookup } from 'node:dns/promises';
import {
  request as requestHttp,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect, isIP, type LookupFunction } from 'node:net';
import { findAllowedAddress, isPrivateAddress, type AllowedAddress } from '../core/allowedAddresses.ts';
import { messageOf } from '../core/errors.ts';

export interface OutboundRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface OutboundRules {
  readonly allowed: readonly AllowedAddress[];
  readonly timeoutSeconds: number;
  /** Wall time. Nothing is written to the connection after it. */
  readonly notAfter?: number;
  /** How much of the answer's body is read; none of it, unless given. */
  readonly maxBytes?: number;
  /** All addresses of a name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/**
 * `refused`: by our own rules, and nothing was sent. `silent`: no answer, for whatever reason; what
 * came of the request is not known.
 */
export type OutboundResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfterSeconds: number | null;
      readonly text: string;
    }
  | { readonly kind: 'silent' | 'refused'; readonly reason: string };

export const TOO_LATE_MESSAGE =
  'It was not sent: this process had stood still for so long that another may tell it by now.';

class AddressRefused extends Error {}

const resolveByDns = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/** Never throws: no answer is an answer too. A redirect is not followed. */
export function sendRequest(outboundRequest: OutboundRequest, rules: OutboundRules): Promise<OutboundResult> {
  return sendGuarded(new URL(outboundRequest.url), rules, (url, address, signal) =>
    sendToAddress(url, address, outboundRequest, {
      signal,
      notAfter: rules.notAfter ?? Infinity,
      maxBytes: rules.maxBytes ?? 0,
    }),
  );
}

/** Whether a connection is taken; allowed where either kind of request is. */
export function tryConnection(hostAndPort: string, rules: OutboundRules): Promise<OutboundResult> {
  const urls = ['https', 'http'].map((scheme) => new URL(`${scheme}://${hostAndPort}`));
  const url =
    urls.find((candidate) => findAllowedAddress(candidate, rules.allowed)) ??
    new URL(`https://${hostAndPort}`);
  return sendGuarded(url, rules, (_url, address, signal) =>
    openConnection(address, Number(hostAndPort.split(':').at(-1)), signal),
  );
}

async function sendGuarded(
  url: URL,
  rules: OutboundRules,
  attempt: (url: URL, address: string, signal: AbortSignal) => Promise<OutboundResult>,
): Promise<OutboundResult> {
  try {
    const signal = AbortSignal.timeout(rules.timeoutSeconds * 1000);
    return await attempt(
      url,
      await Promise.race([resolveAllowedAddress(url, rules), rejectOnAbort(signal)]),
      signal,
    );
  } catch (error) {
    return { kind: error instanceof AddressRefused ? 'refused' : 'silent', reason: messageOf(error) };
  }
}

const rejectOnAbort = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('The name was not resolved in time.')), {
      once: true,
    });
  });

/** The one address that the request then goes to, whatever the name stands for a moment later. */
async function resolveAllowedAddress(
  url: URL,
  { allowed, resolve = resolveByDns }: OutboundRules,
): Promise<string> {
  const entry = findAllowedAddress(url, allowed);
  if (!entry) throw new AddressRefused(`${url.origin} is not on the list of allowed call-back addresses.`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) ? [host] : await resolve(host);
  const refusedAddress = entry.mayBePrivate ? undefined : addresses.find(isPrivateAddress);
  if (refusedAddress !== undefined)
    throw new AddressRefused(
      `${url.host} leads to ${refusedAddress}, which is no public address, and the list does not allow that.`,
    );
  const [address] = addresses;
  if (address === undefined || !isIP(address)) throw new Error(`${url.host} has no address.`);
  return address;
}

interface Limits {
  readonly signal: AbortSignal;
  readonly notAfter: number;
  readonly maxBytes: number;
}

function sendToAddress(
  url: URL,
  address: string,
  { method, headers, body }: OutboundRequest,
  { signal, notAfter, maxBytes }: Limits,
): Promise<OutboundResult> {
  const pinnedLookup: LookupFunction = (_host, { all }, answer) => {
    const family = isIP(address);
    if (all) answer(null, [{ address, family }]);
    else answer(null, address, family);
  };
  // A connection of its own: one that is kept from before might lead to where the name stood then.
  const options: RequestOptions = {
    method,
    agent: false,
    lookup: pinnedLookup,
    signal,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
  };
  return new Promise((resolve, reject) => {
    const request: ClientRequest = (url.protocol === 'https:' ? requestHttps : requestHttp)(
      url,
      options,
      (response) => void readAnswer(response, maxBytes).then(resolve),
    );
    request.on('error', (error) =>
      reject(signal.aborted ? new Error('There was no answer in time.') : error),
    );
    const write = (): void => {
      if (Date.now() > notAfter) request.destroy(new Error(TOO_LATE_MESSAGE));
      else request.end(body);
    };
    // Names and connections take their time, and a process may be stopped in it: the moment is
    // looked at when the first byte could go.
    request.on('socket', (socket) =>
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', write),
    );
  });
}

/** Its status is what counts: what is missing of the body, for whatever reason, is left out. */
async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<OutboundResult> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Nothing is read that nobody wants, however much it is.
    if (maxBytes > 0) {
      for await (const part of response as AsyncIterable<Buffer>) {
        chunks.push(part);
        bytes += part.length;
        if (bytes >= maxBytes) break;
      }
    }
  } catch {
    // The connection broke, or its time was over.
  }
  response.destroy();
  const seconds = Number(response.headers['retry-after']);
  return {
    kind: 'answer',
    status: response.statusCode ?? 0,
    retryAfterSeconds: Number.isFinite(seconds) && seconds > 0 ? seconds : null,
    text: Buffer.concat(chunks).subarray(0, maxBytes).toString(),
  };
}

function openConnection(address: string, port: number, signal: AbortSignal): Promise<OutboundResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve({ kind: 'answer', status: 0, retryAfterSeconds: null, text: '' });
    });
    socket.once('error', (error) =>
      reject(signal.aborted ? new Error('There was no answer in time.') : error),
    );
  });
}
