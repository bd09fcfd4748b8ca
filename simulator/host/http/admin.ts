// The administrator's endpoints: check that the host is up, and run a function now. One endpoint
// exists only in the simulator: it returns facts of the Durable engine.

import type { AppFunction, FunctionTable } from '../app/functions.ts';
import { buildInputs } from '../app/inputs.ts';
import type { Invoke } from '../app/invoke.ts';
import type { DurableEngine } from '../durable-engine.ts';
import { stackOf, type Log } from '../log.ts';
import type { SimulatedClock } from '../../clock/simulated-clock.ts';
import type { ServiceBusTrigger } from '../servicebus/service-bus-trigger.ts';
import type { TimerTrigger } from '../timers/timer-trigger.ts';
import { hasHostKey } from './host-key.ts';
import { jsonResponse, type HostRequest, type HostResponse } from './request.ts';

export interface HostAdminOptions {
  readonly functions: FunctionTable;
  readonly timers: readonly TimerTrigger[];
  readonly messages: readonly ServiceBusTrigger[];
  readonly invoke: Invoke;
  readonly durableClient: string;
  readonly engine: DurableEngine;
  readonly clock: SimulatedClock;
  readonly log: Log;
}

/** Answers an administrator's request. `path` excludes /admin. */
export function handleAdminRequest(
  parts: HostAdminOptions,
  request: HostRequest,
  path: readonly string[],
): HostResponse {
  const [area, name] = path;
  if (area === 'host' && name === 'ping' && ['GET', 'POST'].includes(request.method)) return { status: 200 };
  if (!hasHostKey(request)) return { status: 401 };
  if (area === 'host' && name === 'status' && request.method === 'GET') {
    return jsonResponse(200, {
      id: 'simulator',
      state: 'Running',
      version: '4.0.0',
      processUptime: Math.floor(process.uptime() * 1000),
    });
  }
  if (area === 'simulator' && name !== undefined && request.method === 'GET') {
    const fact = parts.engine.readFact(name);
    return fact === undefined ? { status: 404 } : jsonResponse(200, fact);
  }
  if (area === 'functions' && name !== undefined && request.method === 'POST')
    return runFunction(parts, name, request);
  return { status: 404 };
}

/** Answers at once, as Azure does. The function continues to run. */
function runFunction(parts: HostAdminOptions, name: string, request: HostRequest): HostResponse {
  const { functions, timers, messages } = parts;
  const input = readInput(request);
  if (input === INVALID) return jsonResponse(400, { Message: 'Expected {"input": "..."}.' });
  const timer = timers.find((trigger) => trigger.name === name);
  const activity = functions.activities.get(name);
  const message = messages.find((trigger) => trigger.name === name);
  if (timer) timer.runNow();
  else if (activity) void runActivity(parts, activity, input);
  else if (message) void message.runNow(input ?? '');
  else {
    const other = [...functions.http, ...functions.orchestrators.values(), ...functions.entities.values()];
    return other.some((target) => target.name === name)
      ? jsonResponse(400, { Message: `The function '${name}' is called by HTTP or by a durable client.` })
      : { status: 404 };
  }
  return { status: 202 };
}

const INVALID = Symbol('invalid');

function readInput({ body }: HostRequest): string | undefined | typeof INVALID {
  if (body.length === 0) return undefined;
  try {
    const { input } = JSON.parse(body.toString()) as { input?: unknown };
    return typeof input === 'string' ? input : undefined;
  } catch {
    return INVALID;
  }
}

async function runActivity(
  { invoke, durableClient, clock, log }: HostAdminOptions,
  activity: AppFunction,
  input: string | undefined,
): Promise<void> {
  const idle = clock.markBusy();
  try {
    await invoke({
      function: activity.registered,
      inputs: buildInputs(activity, input === undefined ? {} : { string: input }, durableClient),
    });
  } catch (error) {
    log('error', activity.name, `Failed: ${stackOf(error)}`);
  } finally {
    idle();
  }
}
