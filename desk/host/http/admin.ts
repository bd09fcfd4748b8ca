// The administrator's endpoints: is the host there, and run this function now.

import type { FunctionTable } from '../app/functions.ts';
import { inputsOf } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import { traceOf, type Log } from '../log.ts';
import type { StoryClock } from '../../clock/story-clock.ts';
import type { TimerTrigger } from '../timers/timer-trigger.ts';
import { jsonResponse, type Request, type Response } from './request.ts';

export interface AdminParts {
  readonly functions: FunctionTable;
  readonly timers: readonly TimerTrigger[];
  readonly invoke: Invoke;
  readonly durableClient: string;
  readonly clock: StoryClock;
  readonly log: Log;
}

/** `path` is what follows /admin. */
export function answerAdmin(parts: AdminParts, request: Request, path: readonly string[]): Response {
  const [area, name] = path;
  if (area === 'host' && name === 'status' && request.method === 'GET') {
    return jsonResponse(200, { id: 'desk', state: 'Running', version: '4.0.0', processUptime: Math.floor(process.uptime() * 1000) });
  }
  if (area === 'host' && name === 'ping' && request.method === 'POST') return { status: 200 };
  if (area === 'functions' && name !== undefined && request.method === 'POST') return runFunction(parts, name, request);
  return { status: 404 };
}

/** Answers at once, as Azure does: the function runs on by itself. */
function runFunction({ functions, timers, invoke, durableClient, clock, log }: AdminParts, name: string, request: Request): Response {
  const timer = timers.find((one) => one.name === name);
  if (timer) {
    timer.runNow();
    return { status: 202 };
  }
  const activity = functions.activities.get(name);
  if (!activity) {
    const other = functions.orchestrators.has(name) || functions.http.some((one) => one.name === name);
    return other ? jsonResponse(400, { Message: `The function '${name}' is started by HTTP or by a durable client.` }) : { status: 404 };
  }
  let input: unknown;
  try {
    input = request.body.length === 0 ? undefined : (JSON.parse(request.body.toString()) as { input?: unknown }).input;
  } catch {
    return jsonResponse(400, { Message: 'Expected {"input": "..."}.' });
  }
  const trigger = typeof input === 'string' ? { string: input } : {};
  const idle = clock.busy();
  void invoke({ function: activity.registered, inputs: inputsOf(activity, trigger, durableClient) })
    .catch((error: unknown) => log('error', name, `Failed: ${traceOf(error)}`))
    .finally(idle);
  return { status: 202 };
}
