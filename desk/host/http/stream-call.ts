// Hands a request to a function of an app that streams: the request goes to the app's own server, and an invocation beside it, of the same id, says which function it is for.

import { randomUUID } from 'node:crypto';
import { request as send, type IncomingMessage } from 'node:http';
import type { AppFunction } from '../app/functions.ts';
import { inputsOf } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import type { TypedData } from '../app/typed-data.ts';
import type { Request, Response } from './request.ts';

const INVOCATION_ID = 'x-ms-invocation-id';
/** Of one connection only, or made anew for the next one. */
const NOT_PASSED_ON: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host', 'date', INVOCATION_ID]);

export async function callStreamingFunction(invoke: Invoke, httpUri: string, target: AppFunction, params: Readonly<Record<string, string>>, request: Request, durableClient: string): Promise<Response> {
  const id = randomUUID();
  const forwarded = forward(httpUri, request, id);
  const triggerMetadata = metadataOf(request, params);
  const invoked = invoke({ id, function: target.registered, inputs: inputsOf(target, { http: {} }, durableClient), triggerMetadata })
    .then(async (one) => {
      await one.response();
      return one.result;
    });
  // What the function failed at, its server is never told: nobody else would end the request.
  invoked.catch(() => forwarded.end());
  request.gone.addEventListener('abort', () => forwarded.end());
  const nothing = invoked.then(async (result) => (result === undefined || result === null ? undefined : await forwarded.head));
  const head = await Promise.race([forwarded.head, nothing]).catch(async (error: unknown) => {
    await invoked;
    throw error;
  });
  if (!head) {
    forwarded.end();
    return { status: 204 };
  }
  return { status: head.statusCode ?? 200, headers: passedOn(head.headersDistinct), body: head };
}

interface Forwarded {
  readonly head: Promise<IncomingMessage>;
  end(): void;
}

function forward(httpUri: string, { method, url, headers, body }: Request, id: string): Forwarded {
  const passed = method === 'GET' || method === 'HEAD' ? undefined : body;
  const sent = send({
    host: '127.0.0.1', port: new URL(httpUri).port, method, path: url.pathname + url.search,
    headers: { ...passedOn(headers), [INVOCATION_ID]: id, 'x-forwarded-host': url.host, 'x-forwarded-proto': url.protocol.replace(':', ''), ...(passed && { 'content-length': String(passed.length) }) },
  });
  const head = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject);
  });
  // Who no longer waits for it is told in another way.
  head.catch(() => undefined);
  sent.end(passed);
  return { head, end: () => void sent.destroy() };
}

function metadataOf({ headers, url }: Request, params: Readonly<Record<string, string>>): Record<string, TypedData> {
  const query = Object.fromEntries(url.searchParams);
  // The real host puts query values among the parameters; the route's own win.
  const all = Object.entries({ ...query, ...params }).map(([name, value]): [string, TypedData] => [name, { string: value }]);
  return { ...Object.fromEntries(all), Headers: { json: JSON.stringify(headers) }, Query: { json: JSON.stringify(query) } };
}

function passedOn<Value>(headers: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (value === undefined || NOT_PASSED_ON.has(name) ? [] : [[name, value]])));
}
