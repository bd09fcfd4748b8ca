// A process of the simulator: started until it says that it is ready, killed, started again.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { StartError } from '../host/start-error.ts';

export interface ChildOptions {
  readonly script: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Where its stderr goes. */
  readonly log: string;
  /** How long its start may take, in milliseconds; half a minute unless given. */
  readonly startTimeoutMs?: number;
}

export interface Child {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly ready: unknown;
  /** Resolves when it has ended, however that came. */
  readonly ended: Promise<void>;
  /** In order, or by force when that takes too long. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const TAIL_LINES = 20;
const WITH_PARENT = pathToFileURL(join(import.meta.dirname, 'with-parent.ts')).href;

/** `name`: as the user knows it. */
export async function startChild(name: string, options: ChildOptions): Promise<Child> {
  const log = openSync(options.log, 'a');
  const logSize = fstatSync(log).size;
  const child = spawn(process.execPath, ['--import', WITH_PARENT, options.script, ...options.args], {
    env: options.env,
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', log, 'ipc'],
    // Ctrl-C in a terminal reaches the simulator alone, which then stops its processes in order.
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
    throw new StartError(`${name} did not start. The end of ${options.log}:\n${tail(options.log, logSize)}`);
  }
  return { ...control(child, ended), pid: child.pid ?? 0, ready, ended };
}

/** What its first line on stdout says; undefined when it ends before that, or takes too long. */
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

/** The last lines that were written since. */
function tail(file: string, since: number): string {
  const text = readFileSync(file).subarray(since).toString().trimEnd();
  return text.split('\n').slice(-TAIL_LINES).join('\n') || '(nothing)';
}
