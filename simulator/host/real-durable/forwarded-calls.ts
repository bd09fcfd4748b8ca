// The extension forwards each call of an orchestrator or an activity to this server, which runs the
// function of the app.
//
//   GET  /functions              { orchestrators: [NAME], activities: [NAME] }
//   POST /orchestrators/NAME     body: the trigger as JSON. Answer: { value } or { error }
//   POST /activities/NAME        body: the input. Answer: { value } or { error }

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FunctionTable } from '../app/functions.ts';
import { inputsOf } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import { toJsonText } from '../app/typed-data.ts';
import type { StoryTimes } from './story-times.ts';
import { answerInWallTime, errorInWallTime, triggerInStoryTime } from './translate-times.ts';

export interface ForwardedCallsParts {
  readonly functions: FunctionTable;
  readonly invoke: Invoke;
  readonly durableClient: string;
  readonly times: StoryTimes;
}

export interface ForwardedCalls {
  readonly url: string;
  close(): void;
}

export async function openForwardedCalls(parts: ForwardedCallsParts): Promise<ForwardedCalls> {
  const server = createServer((request, response) => {
    void answer(parts, request).then((body) => {
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

async function answer(parts: ForwardedCallsParts, request: IncomingMessage): Promise<unknown> {
  const [kind, name = ''] = (request.url ?? '/').slice(1).split('/').map(decodeURIComponent);
  const { orchestrators, activities } = parts.functions;
  if (kind === 'functions')
    return { orchestrators: [...orchestrators.keys()], activities: [...activities.keys()] };
  try {
    const body = await textOf(request);
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
  { functions, invoke, durableClient, times }: ForwardedCallsParts,
  name: string,
  trigger: string,
): Promise<unknown> {
  const orchestrator = functions.orchestrators.get(name);
  if (!orchestrator) throw new Error(`The app has no orchestrator function "${name}".`);
  try {
    const { result } = await invoke({
      function: orchestrator.registered,
      inputs: inputsOf(orchestrator, { string: triggerInStoryTime(trigger, times) }, durableClient),
    });
    return answerInWallTime(result, times);
  } catch (error) {
    throw errorInWallTime(error, times);
  }
}

async function runActivity(
  { functions, invoke, durableClient }: ForwardedCallsParts,
  name: string,
  input: string,
): Promise<unknown> {
  const activity = functions.activities.get(name);
  if (!activity) throw new Error(`The app has no activity function "${name}".`);
  const invoked = await invoke({
    function: activity.registered,
    inputs: inputsOf(activity, input === '' ? {} : { string: input }, durableClient),
  });
  return JSON.parse(toJsonText(await invoked.response())) as unknown;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
