// A local host for Azure Functions and Durable Functions. It loads the built app and gives the app
// the services that Azure would give it.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import { allFunctions, groupFunctions, type FunctionTable } from './app/functions.ts';
import { createInvoke } from './app/invoke.ts';
import { loadApp, type App } from './app/load-app.ts';
import { TimeLimit } from './app/time-limit.ts';
import { durableClientData } from './durable/client-data.ts';
import type { DurableEngineOptions } from './durable/engine.ts';
import { payloadCheck } from './durable/payload.ts';
import { createSimulatedEngine } from './durable/simulated-engine.ts';
import { DurableStore } from './durable/store.ts';
import type { DurableEngine, EngineName } from './durable-engine.ts';
import { createRequestHandler } from './http/request-handler.ts';
import { openHttpServer, type HttpServer } from './http/http-server.ts';
import type { Log } from './log.ts';
import { RealEngine } from './real-durable/real-engine.ts';
import { Connections } from './servicebus/connections.ts';
import { createMessageOutputs } from './servicebus/outputs.ts';
import { ServiceBusTrigger } from './servicebus/service-bus-trigger.ts';
import { applyLocalSettings, readBodyLimit, readHostSettings, type HostSettings } from './settings.ts';
import { TimerTrigger } from './timers/timer-trigger.ts';

export interface HostOptions {
  /** The folder with the app's package.json. */
  readonly appDir: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly dataDir: string;
  readonly clock: SimulatedClock;
  readonly log: Log;
  /** The engine for durable functions. Default: the simulated engine. */
  readonly engine?: EngineName;
  /** The largest input, output or event. Default: the limit of the app's storage provider. */
  readonly maxPayloadBytes?: number;
  /** Loads the app, once in this process. Default: `loadApp`. */
  readonly load?: (appDir: string, log: Log) => Promise<App>;
}

/** A running host. */
export interface Host {
  readonly url: string;
  /** The address for the app's durable client. It is not at the public port, as in Azure. */
  readonly rpcUrl: string;
  /** Takes no more work, gives running work a few seconds to end, and closes. */
  stop(): Promise<void>;
  /**
   * Behaves like the death of the process: unstored data disappears, and later writes have no
   * effect. The clock keeps running, because it belongs to the caller.
   */
  abandon(): void;
}

/** How long activities, timers and requests may still run when the host stops (wall time). */
const STOP_TIMEOUT_MS = 5_000;
/** How long closing the Service Bus connections may take. */
const CLOSE_TIMEOUT_MS = 1_000;

/** Starts a host. A process can have one host only: the app's library looks for its host once. */
export async function startHost(options: HostOptions): Promise<Host> {
  const { appDir, port, clock, log } = options;
  // The clock must not jump before the host has read the waiting work in the store.
  const started = clock.markBusy();
  const servers: HttpServer[] = [];
  const open = async (serverPort: number): Promise<HttpServer> => {
    const server = await openHttpServer(serverPort, clock, log);
    servers.push(server);
    return server;
  };
  try {
    const server = await open(port);
    const rpcServer = await open(0);
    applyLocalSettings(appDir, process.env);
    const settings = readHostSettings(appDir);
    process.env.WEBSITE_HOSTNAME = new URL(server.url).host;
    process.env.FUNCTIONS_WORKER_RUNTIME = 'node';
    return await runHost(options, settings, { server, rpcServer });
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  } finally {
    started();
  }
}

async function runHost(
  options: HostOptions,
  settings: HostSettings,
  { server, rpcServer }: { readonly server: HttpServer; readonly rpcServer: HttpServer },
): Promise<Host> {
  const { appDir, dataDir, clock, log, load = loadApp } = options;
  const app = await load(appDir, log);
  const functions = groupFunctions(app.functions);
  const connections = new Connections();
  const outputs = new Map(
    allFunctions(functions).map((target) => [target.registered, createMessageOutputs(target, connections)]),
  );
  const timeLimit = new TimeLimit(settings.functionTimeout);
  const invoke = createInvoke(app, {
    timeLimit,
    outputSenderOf: (target) => outputs.get(target),
  });
  const durableClient = durableClientData(server.url, rpcServer.url, settings.durable);
  const store = new DurableStore(join(dataDir, 'host.sqlite'), clock);
  const parts = { store, clock, functions, invoke, durableClient, log };
  const engine = createEngine(options, settings, parts);
  const timers = functions.timers.map((timer) => new TimerTrigger(timer, parts));
  const messages = functions.serviceBus.map(
    (target) => new ServiceBusTrigger(target, { ...parts, connections, settings: settings.serviceBus }),
  );
  warnAboutIgnoredSettings(settings, functions, log);
  const requestHandler = createRequestHandler({
    ...parts,
    timers,
    messages,
    engine,
    prefix: settings.routePrefix,
    streamUrl: app.streamUrl,
  });
  server.serve(requestHandler.respond, readBodyLimit(process.env));
  rpcServer.serve(requestHandler.respondToClient, Infinity);
  await engine.start();
  for (const trigger of [...timers, ...messages]) trigger.start();
  log(
    'information',
    'host',
    `Running ${app.functions.map(({ metadata }) => metadata.name).join(', ')} from ${app.directory}`,
  );
  return {
    url: server.url,
    rpcUrl: rpcServer.url,
    async stop() {
      // The store still holds waiting work. The clock must not jump over this work.
      const stopped = clock.markBusy();
      const ended = Promise.allSettled([
        engine.stop(),
        requestHandler.stop(),
        ...[...timers, ...messages].map((trigger) => trigger.stop()),
      ]);
      await Promise.race([ended, sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
      engine.abandon();
      await Promise.race([connections.close(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
      await app.core.hooks.runAppHook('appTerminate', app.directory);
      await Promise.all([server.close(), rpcServer.close()]);
      store.database.close();
      stopped();
    },
    abandon() {
      timeLimit.abandon();
      engine.abandon();
      store.database.abandon();
      server.abandon();
      rpcServer.abandon();
      void connections.close();
    },
  };
}

function createEngine(
  { engine = 'simulated', dataDir, maxPayloadBytes }: HostOptions,
  { durable }: HostSettings,
  parts: Omit<DurableEngineOptions, 'payloadExcess' | 'maxConcurrentActivities'>,
): DurableEngine {
  const { taskHub, maxConcurrentActivities } = durable;
  if (engine === 'real') return new RealEngine({ ...parts, dataDir, taskHub, maxConcurrentActivities });
  const payloadExcess = payloadCheck(maxPayloadBytes ?? durable.maxPayloadBytes);
  return createSimulatedEngine({ ...parts, payloadExcess, maxConcurrentActivities }, durable);
}

/** Logs, once, the requested features that this host does not support. */
function warnAboutIgnoredSettings(settings: HostSettings, functions: FunctionTable, log: Log): void {
  for (const name of settings.ignored)
    log('warning', 'host', `host.json: "${name}" has no effect on this host.`);
  const entities = [...functions.entities.keys()];
  if (entities.length > 0)
    log('warning', 'host', `This host has no entities. It refuses each call of ${entities.join(', ')}.`);
  const withKey = functions.http
    .filter(({ trigger }) => /^(function|admin)$/i.test(String(trigger.authLevel)))
    .map(({ name }) => name);
  if (withKey.length > 0) {
    const names = withKey.join(', ');
    log('warning', 'host', `"authLevel" has no effect on this host. In Azure these need a key: ${names}.`);
  }
  for (const { name, trigger, registered } of allFunctions(functions)) {
    if (
      registered.metadata.retryOptions === undefined ||
      functions.timers.some((timer) => timer.name === name)
    )
      continue;
    log('warning', 'host', `Function "${name}": "retry" has no effect on a ${trigger.type}, as in Azure.`);
  }
}
