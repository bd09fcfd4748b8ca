// Sends one request to an address that a user chose. The address must be on the list, and the
// request goes to the exact IP address of the check. It follows no redirect. Call-backs, actions,
// probes and scripts use this module.
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

/** One HTTP request. */
export interface OutboundRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The limits of an outbound request. */
export interface OutboundRules {
  readonly allowed: readonly AllowedAddress[];
  readonly timeoutSeconds: number;
  /** Wall time. Nothing goes to the connection after this time. */
  readonly notAfter?: number;
  /** Reads at most this much of the answer's body; left out: nothing. */
  readonly maxBytes?: number;
  /** Gives all addresses of a host name. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/**
 * `refused`: our own rules refused the request, and nothing was sent. `silent`: no answer, for any
 * reason; the effect of the request is unknown.
 */
export type OutboundResult =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfterSeconds: number | null;
      readonly text: string;
    }
  | { readonly kind: 'silent' | 'refused'; readonly reason: string };

/** The reason when the time limit of a try had already passed. */
export const TOO_LATE_MESSAGE =
  'It was not sent: this process had stopped for so long that another process may send it by now.';

class AddressRefused extends Error {}

const resolveByDns = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/** Never throws: a missing answer is a result too. Follows no redirect. */
export function sendRequest(outboundRequest: OutboundRequest, rules: OutboundRules): Promise<OutboundResult> {
  return sendGuarded(new URL(outboundRequest.url), rules, (url, address, signal) =>
    sendToAddress(url, address, outboundRequest, {
      signal,
      notAfter: rules.notAfter ?? Infinity,
      maxBytes: rules.maxBytes ?? 0,
    }),
  );
}

/**
 * Tests whether the address accepts a connection. The list must allow HTTP or HTTPS to the address.
 */
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
    signal.addEventListener('abort', () => reject(new Error('The name lookup took too long.')), {
      once: true,
    });
  });

/** The one address for the request. A later change of the name has no effect. */
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
      `${url.host} leads to the private address ${refusedAddress}, and the list does not allow that.`,
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
  // Always opens a new connection: an older connection might lead to an earlier address of the
  // name.
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
    // Lookups and connections take time, and the process may stop meanwhile. So the time check runs
    // directly before the first byte.
    request.on('socket', (socket) =>
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', write),
    );
  });
}

/** Only the status counts. Leaves out the missing parts of the body. */
async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<OutboundResult> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // Does not read an unwanted body, because its size has no limit.
    if (maxBytes > 0) {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes >= maxBytes) break;
      }
    }
  } catch {
    // The connection broke, or the time was over.
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
