// Starts a process of the simulator, waits for its ready line, and stops or kills it.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { StartError } from '../host/start-error.ts';

/** The script, the arguments and the limits of a process. */
export interface ChildOptions {
  readonly script: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** The file for the stderr of the process. */
  readonly log: string;
  /** The longest start in milliseconds. The default is 30 s. */
  readonly startTimeoutMs?: number;
}

export interface Child {
  readonly pid: number;
  /** The value of the ready line. */
  readonly ready: unknown;
  /** Resolves when the process ends for any reason. */
  readonly ended: Promise<void>;
  /** Stops the process in order, or by SIGKILL when that takes too long. */
  stop(): Promise<void>;
  /** Kills the process with SIGKILL and waits for its end. */
  kill(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const TAIL_LINES = 20;
const WITH_PARENT = pathToFileURL(join(import.meta.dirname, 'with-parent.ts')).href;

/** Starts a process and waits until it is ready. `name` is the process name in error messages. */
export async function startChild(name: string, options: ChildOptions): Promise<Child> {
  const log = openSync(options.log, 'a');
  const logSize = fstatSync(log).size;
  const child = spawn(process.execPath, ['--import', WITH_PARENT, options.script, ...options.args], {
    env: options.env,
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', log, 'ipc'],
    // Ctrl-C in a terminal must reach only the simulator, which then stops its processes in order.
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const ready = await readyLine(child, ended, options.startTimeoutMs ?? START_TIMEOUT_MS);
  if (ready === undefined) {
    child.kill('SIGKILL');
    await ended;
    throw new StartError(
      `${name} did not start. The end of ${options.log}:\n${tailOf(options.log, logSize)}`,
    );
  }
  return { ...control(child, ended), pid: child.pid ?? 0, ready, ended };
}

/**
 * Returns the value of the first line on stdout. Returns undefined when the process ends first or
 * takes too long.
 */
async function readyLine(child: ChildProcess, ended: Promise<void>, timeoutMs: number): Promise<unknown> {
  if (child.stdout === null) return undefined;
  const lines = createInterface(child.stdout);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  const line = new Promise<string>((resolve) => lines.once('line', resolve));
  const first = await Promise.race([line, ended.then(() => undefined), late]);
  clearTimeout(timer);
  return first === undefined ? undefined : (JSON.parse(first) as { ready: unknown }).ready;
}

function control(child: ChildProcess, ended: Promise<void>): Pick<Child, 'stop' | 'kill'> {
  return {
    async stop() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(force);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Returns the last lines of the file after the offset `since`. */
export function tailOf(file: string, since = 0): string {
  const text = readFileSync(file).subarray(since).toString().trimEnd();
  return text.split('\n').slice(-TAIL_LINES).join('\n') || '(nothing)';
}
