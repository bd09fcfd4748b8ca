// Sends each request to its handler: the administrator's endpoints, the durable client's endpoints,
// or a function of the app.

import type { AppFunction } from '../app/functions.ts';
import { RPC_PATH, WEBHOOK_PATH } from '../durable/client-data.ts';
import { stackOf } from '../log.ts';
import { handleAdminRequest, type HostAdminOptions } from './admin.ts';
import { callHttpFunction } from './function-call.ts';
import { hasHostKey } from './host-key.ts';
import { createRouter } from './http-router.ts';
import type { Respond } from './http-server.ts';
import { NoResponse, type HostRequest, type HostResponse } from './request.ts';
import { callStreamingFunction } from './streaming-call.ts';

export interface RequestHandlerOptions extends HostAdminOptions {
  readonly prefix: string;
  /** The app's own HTTP server, when the app asked for HTTP streaming. */
  readonly streamUrl: string | undefined;
}

export interface RequestHandler {
  /** Answers requests at the public port. */
  readonly respond: Respond;
  /** Answers the durable client of the app, at a port for the app alone. */
  readonly respondToClient: Respond;
  /** Calls no more functions. Resolves when the running functions have answered. */
  stop(): Promise<void>;
}

const WEBHOOKS = WEBHOOK_PATH.split('/');

export function createRequestHandler(parts: RequestHandlerOptions): RequestHandler {
  const route = createRouter(parts.functions.http, parts.prefix);
  const calls = new Set<Promise<HostResponse>>();
  let stopping = false;

  const call = (
    target: AppFunction,
    params: Readonly<Record<string, string>>,
    request: HostRequest,
  ): Promise<HostResponse> => {
    const answer = callFunction(parts, target, params, request);
    calls.add(answer);
    return answer.finally(() => calls.delete(answer));
  };

  return {
    async respond(request) {
      const { path, method } = request;
      if (path[0] === 'admin') return handleAdminRequest(parts, request, path.slice(1));
      if (WEBHOOKS.every((segment, index) => path[index] === segment))
        return hasHostKey(request)
          ? await parts.engine.handleClientRequest(request, path.slice(WEBHOOKS.length))
          : { status: 401 };
      if (stopping) return { status: 503 };
      const routed = route(method, path);
      if (routed) return await call(routed.function, routed.params, request);
      return request.url.pathname === '/' ? homePage() : { status: 404 };
    },
    async respondToClient(request) {
      const [first, ...path] = request.path;
      return first === RPC_PATH ? await parts.engine.handleClientRequest(request, path) : { status: 404 };
    },
    async stop() {
      stopping = true;
      await Promise.allSettled(calls);
    },
  };
}

/** Azure shows a page about Azure Functions, unless the setting turns it off. */
function homePage(): HostResponse {
  if (/^true$/i.test(process.env.AzureWebJobsDisableHomepage ?? '')) return { status: 204 };
  return {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!DOCTYPE html><title>Functions</title><p>Your Functions app is up and running.</p>',
  };
}

async function callFunction(
  { invoke, durableClient, log, streamUrl }: RequestHandlerOptions,
  target: AppFunction,
  params: Readonly<Record<string, string>>,
  request: HostRequest,
): Promise<HostResponse> {
  try {
    return streamUrl === undefined
      ? await callHttpFunction(invoke, target, params, request, durableClient)
      : await callStreamingFunction(invoke, streamUrl, target, params, request, durableClient);
  } catch (error) {
    if (error instanceof NoResponse) {
      const reason = error.cause === undefined ? error.message : `${error.message} ${stackOf(error.cause)}`;
      log('error', target.name, `No response. In Azure the caller waits for 240 s. ${reason}`);
      throw error;
    }
    log('error', target.name, `Failed: ${stackOf(error)}`);
    return { status: 500 };
  }
}
