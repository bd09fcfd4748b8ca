// The extension forwards each call of an orchestrator or an activity to this server. The server
// runs the function of the app.
//
// GET  /functions              { orchestrators: [NAME], activities: [NAME] }
// POST /orchestrators/NAME     body: the trigger as JSON. Answer: { value } or { error }
// POST /activities/NAME        body: the input. Answer: { value } or { error }

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FunctionTable } from '../app/functions.ts';
import { buildInputs } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import { toJsonText } from '../app/typed-data.ts';
import type { TimeConversion } from './time-conversion.ts';
import { resultInWallTime, errorInWallTime, triggerInSimulatedTime } from './translate-times.ts';

export interface ForwardedCallsOptions {
  readonly functions: FunctionTable;
  readonly invoke: Invoke;
  readonly durableClient: string;
  readonly times: TimeConversion;
}

/** The running server for forwarded calls. */
export interface ForwardedCalls {
  readonly url: string;
  close(): void;
}

/** Starts the server for forwarded calls on a free port. */
export async function openForwardedCalls(parts: ForwardedCallsOptions): Promise<ForwardedCalls> {
  const server = createServer((request, response) => {
    void handleCall(parts, request).then((body) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function handleCall(parts: ForwardedCallsOptions, request: IncomingMessage): Promise<unknown> {
  const [kind, name = ''] = (request.url ?? '/').slice(1).split('/').map(decodeURIComponent);
  const { orchestrators, activities } = parts.functions;
  if (kind === 'functions')
    return { orchestrators: [...orchestrators.keys()], activities: [...activities.keys()] };
  try {
    const body = await readText(request);
    return {
      value: await (kind === 'orchestrators'
        ? runOrchestrator(parts, name, body)
        : runActivity(parts, name, body)),
    };
  } catch (error) {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    return { error: { message, stack } };
  }
}

async function runOrchestrator(
  { functions, invoke, durableClient, times }: ForwardedCallsOptions,
  name: string,
  trigger: string,
): Promise<unknown> {
  const orchestrator = functions.orchestrators.get(name);
  if (!orchestrator) throw new Error(`The app has no orchestrator function "${name}".`);
  try {
    const { result } = await invoke({
      function: orchestrator.registered,
      inputs: buildInputs(orchestrator, { string: triggerInSimulatedTime(trigger, times) }, durableClient),
    });
    return resultInWallTime(result, times);
  } catch (error) {
    throw errorInWallTime(error, times);
  }
}

async function runActivity(
  { functions, invoke, durableClient }: ForwardedCallsOptions,
  name: string,
  input: string,
): Promise<unknown> {
  const activity = functions.activities.get(name);
  if (!activity) throw new Error(`The app has no activity function "${name}".`);
  const invoked = await invoke({
    function: activity.registered,
    inputs: buildInputs(activity, input === '' ? {} : { string: input }, durableClient),
  });
  return JSON.parse(toJsonText(await invoked.response())) as unknown;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
