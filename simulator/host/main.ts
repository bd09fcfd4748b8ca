// node simulator/host/main.ts --app DIR --port N --data DIR [--clock URL] [--engine simulated|real]
// [--max-payload BYTES]
//
// Runs the built app of DIR. When ready, it prints one line of JSON to stdout:
// {"ready":{"url":"…","rpcUrl":"…"}}. All other output goes to stderr.

import { format, parseArgs } from 'node:util';
import { createLocalClock } from '../clock/local-clock.ts';
import { connectClock } from '../clock/remote-clock.ts';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import { parseEngineName } from './durable-engine.ts';
import { startHost } from './host.ts';
import { createLineLog, messageOf, stackOf, type LogLevel, type Log } from './log.ts';
import { StartError } from './start-error.ts';

/** The clock knows this process by this name. */
const PARTICIPANT = 'host';
const USAGE =
  'Usage: node simulator/host/main.ts --app DIR --port N --data DIR [--clock URL] ' +
  '[--engine simulated|real] [--max-payload BYTES]';

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        app: { type: 'string' },
        port: { type: 'string' },
        data: { type: 'string' },
        clock: { type: 'string' },
        engine: { type: 'string', default: 'simulated' },
        'max-payload': { type: 'string' },
      },
    });
    const { app, port, data, clock, engine, 'max-payload': maxPayload } = values;
    if (
      app === undefined ||
      data === undefined ||
      !/^\d+$/.test(port ?? '') ||
      !/^\d*$/.test(maxPayload ?? '')
    )
      throw new StartError(USAGE);
    return {
      appDir: app,
      port: Number(port),
      dataDir: data,
      clockUrl: clock,
      engine: parseEngineName(engine),
      ...(maxPayload !== undefined && { maxPayloadBytes: Number(maxPayload) }),
    };
  } catch (error) {
    throw new StartError(error instanceof StartError ? error.message : `${messageOf(error)} ${USAGE}`, {
      cause: error,
    });
  }
}

/**
 * Sends the app's console output to the log. Stdout is only for the line with the host's address.
 */
function redirectConsole(log: Log): void {
  const levels = {
    log: 'information',
    info: 'information',
    warn: 'warning',
    error: 'error',
    debug: 'debug',
    trace: 'trace',
  } as const satisfies Record<string, LogLevel>;
  for (const [method, level] of Object.entries(levels)) {
    Object.assign(console, { [method]: (...values: unknown[]) => log(level, 'app', format(...values)) });
  }
}

function handleProcessEvents(log: Log): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    // node:sqlite warns at each start that it is experimental.
    if (warning.name !== 'ExperimentalWarning') log('warning', 'host', `${warning.name}: ${warning.message}`);
  });
  // Memory and file may disagree now. A new process continues from the file.
  process.on('uncaughtException', (error) => {
    log('critical', 'host', stackOf(error));
    process.exit(1);
  });
}

async function openClock(url: string | undefined): Promise<SimulatedClock> {
  try {
    return url === undefined ? createLocalClock('real') : await connectClock(url, PARTICIPANT);
  } catch (error) {
    throw new StartError(messageOf(error), { cause: error });
  }
}

async function main(): Promise<void> {
  const { clockUrl, ...options } = readArguments();
  const clock = await openClock(clockUrl);
  const log = createLineLog(
    () => clock.now(),
    (line) => process.stderr.write(line),
  );
  redirectConsole(log);
  handleProcessEvents(log);
  const host = await startHost({ ...options, clock, log });
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log('information', 'host', `Stopping (${signal})`);
    await host.stop();
    clock.close();
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
  process.stdout.write(`${JSON.stringify({ ready: { url: host.url, rpcUrl: host.rpcUrl } })}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof StartError ? error.message : stackOf(error)}\n`);
  process.exit(1);
}
