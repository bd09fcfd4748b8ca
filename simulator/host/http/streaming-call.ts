// Passes a request to an httpTrigger function of an app with HTTP streaming (enableHttpStream). The
// request goes to the app's own HTTP server. An invocation with the same id runs the function.

import { randomUUID } from 'node:crypto';
import { request as sendRequest, type IncomingMessage } from 'node:http';
import type { AppFunction } from '../app/functions.ts';
import { buildInputs } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import type { TypedData } from '../app/typed-data.ts';
import { NoResponse, type HostRequest, type HostResponse } from './request.ts';

const INVOCATION_ID = 'x-ms-invocation-id';
/** Headers that belong to one connection, and headers that Node writes itself. */
const CONNECTION_HEADERS = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'host',
  'date',
];

/**
 * Returns the answer as soon as its headers arrive. Throws `NoResponse` when the function fails or
 * returns nothing: in Azure the caller then gets no answer for 240 s.
 */
export async function callStreamingFunction(
  invoke: Invoke,
  streamUrl: string,
  target: AppFunction,
  params: Readonly<Record<string, string>>,
  request: HostRequest,
  durableClient: string,
): Promise<HostResponse> {
  const id = randomUUID();
  const { answer, cancel } = forwardRequest(streamUrl, request, id);
  const finished = (async () => {
    const invoked = await invoke({
      id,
      function: target.registered,
      inputs: buildInputs(target, { http: {} }, durableClient),
      triggerMetadata: readMetadata(request, params),
      traceParent: request.headers.traceparent,
    });
    if (invoked.result === undefined || invoked.result === null)
      throw new NoResponse('It returned no response.');
    // The library sends the body here.
    await invoked.response();
    return await answer;
  })();
  finished.catch(cancel);
  try {
    const head = await Promise.race([answer, finished]);
    return { status: head.statusCode ?? 200, headers: withoutConnection(head.headersDistinct), body: head };
  } catch (error) {
    throw error instanceof NoResponse ? error : new NoResponse('It failed.', { cause: error });
  }
}

interface ForwardedRequest {
  /** Resolves with the answer's headers. The body follows as a stream. */
  readonly answer: Promise<IncomingMessage>;
  readonly cancel: () => void;
}

function forwardRequest(streamUrl: string, request: HostRequest, id: string): ForwardedRequest {
  const { method, url, headers } = request;
  const body = method === 'GET' || method === 'HEAD' ? undefined : request.body;
  const sent = sendRequest({
    host: '127.0.0.1',
    port: new URL(streamUrl).port,
    method,
    path: url.pathname + url.search,
    headers: {
      ...withoutConnection(headers),
      [INVOCATION_ID]: id,
      'x-forwarded-host': url.host,
      'x-forwarded-proto': 'http',
      ...(body && { 'content-length': String(body.length) }),
    },
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).on('error', reject);
  });
  // `finished` also reports the failure, with its cause.
  answer.catch(() => undefined);
  sent.end(body);
  return { answer, cancel: () => void sent.destroy() };
}

function readMetadata(
  { headers, url }: HostRequest,
  params: Readonly<Record<string, string>>,
): Record<string, TypedData> {
  const query = Object.fromEntries(url.searchParams);
  // The real host adds query values to the parameters. Route parameters override them.
  const values = Object.entries({ ...query, ...params }).map(([name, string]) => [name, { string }] as const);
  return {
    ...Object.fromEntries(values),
    Headers: { json: JSON.stringify(headers) },
    Query: { json: JSON.stringify(query) },
  };
}

function withoutConnection<Value>(
  headers: Readonly<Record<string, Value>>,
): Record<string, NonNullable<Value>> {
  const kept: Record<string, NonNullable<Value>> = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && value !== null && !CONNECTION_HEADERS.includes(name)) kept[name] = value;
  return kept;
}
