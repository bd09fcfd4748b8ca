// Runs the host as a separate process, as the simulator does. Tests talk to the host over HTTP.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { HOST_KEY_HEADERS } from '../../host/http/host-key.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');
const MAIN = join(REPOSITORY, 'simulator/host/main.ts');
const children: ChildProcess[] = [];
const APPS = join(import.meta.dirname, 'apps');

export interface HostProcessOptions {
  /** The name of a test app, or the path of a folder. */
  readonly app?: string;
  readonly dataDir: string;
  readonly clockUrl?: string;
  readonly port?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly maxPayload?: number;
}

export interface InstanceStatus {
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly input: unknown;
  readonly customStatus: unknown;
  readonly instanceId: string;
  readonly createdTime: string;
  readonly lastUpdatedTime: string;
  readonly historyEvents?: readonly Record<string, unknown>[];
}

const MAX_PAUSE_MS = 100;
/**
 * Below the test's own time limit: the last observed state helps more than a time-out of the test.
 */
const TIMEOUT_MS = 100_000;

export class HostProcess {
  readonly url: string;
  readonly rpcUrl: string;
  readonly errors: string[];
  readonly #child: ChildProcess;

  private constructor(ready: { url: string; rpcUrl: string }, errors: string[], child: ChildProcess) {
    this.url = ready.url;
    this.rpcUrl = ready.rpcUrl;
    this.errors = errors;
    this.#child = child;
  }

  static async start(options: HostProcessOptions): Promise<HostProcess> {
    const { child, firstLine, errors } = spawnHost(options);
    const line = await firstLine;
    if (line === undefined) throw new Error(`The host did not start: ${errors.join('\n')}`);
    const { ready } = JSON.parse(line) as { ready: { url: string; rpcUrl: string } };
    return new HostProcess(ready, errors, child);
  }

  /** Calls a method of the durable client within the app. */
  async callClient<T = unknown>(method: string, body: unknown = {}): Promise<T> {
    const response = await fetch(`${this.url}/api/client/${method}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { value: T; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value;
  }

  async startOrchestration(name: string, input?: unknown, id?: string): Promise<string> {
    return await this.callClient<string>('startNew', { name, options: { input, instanceId: id } });
  }

  /** The status of an unknown instance is empty. */
  async readStatus(id: string, query = ''): Promise<InstanceStatus> {
    const response = await fetch(`${this.url}/runtime/webhooks/durabletask/instances/${id}?${query}`, {
      headers: HOST_KEY_HEADERS,
    });
    return JSON.parse((await response.text()) || '{}') as InstanceStatus;
  }

  /** Waits until the instance has finished. */
  async waitForEnd(id: string, query = ''): Promise<InstanceStatus> {
    return await this.waitFor(
      () => this.readStatus(id, query),
      ({ runtimeStatus }) => ['Completed', 'Failed', 'Terminated'].includes(runtimeStatus),
    );
  }

  /** Runs an orchestration to its end. */
  async runToEnd(name: string, input?: unknown): Promise<unknown> {
    const { output, runtimeStatus } = await this.waitForEnd(await this.startOrchestration(name, input));
    if (runtimeStatus !== 'Completed') throw new Error(`${runtimeStatus}: ${String(output)}`);
    return output;
  }

  async waitFor<T>(read: () => Promise<T>, accept: (value: T) => boolean): Promise<T> {
    const end = performance.now() + TIMEOUT_MS;
    for (let tries = 0; ; tries++) {
      const value = await read();
      if (accept(value)) return value;
      if (performance.now() > end)
        throw new Error(`Waited in vain; last seen: ${JSON.stringify(value)}\n${this.errors.join('\n')}`);
      // Many tests may wait at once. Longer and longer pauses leave the host time for its work.
      await sleep(Math.min(5 + tries, MAX_PAUSE_MS));
    }
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
    return this.#child.exitCode;
  }
}

/** For hosts that refuse to start. Returns their output and their exit code. */
export async function runToExit(
  options: HostProcessOptions,
): Promise<{ code: number | null; stdout: string | undefined; errors: string[] }> {
  const { child, firstLine, errors } = spawnHost(options);
  const stdout = await firstLine;
  if (stdout !== undefined) child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { code: child.exitCode, stdout, errors };
}

function spawnHost({
  app = 'durable',
  dataDir,
  clockUrl,
  port = 0,
  environment = {},
  maxPayload,
}: HostProcessOptions) {
  const args = [
    MAIN,
    '--app',
    app.includes('/') ? app : join(APPS, app),
    '--port',
    String(port),
    '--data',
    dataDir,
  ];
  if (clockUrl !== undefined) args.push('--clock', clockUrl);
  if (maxPayload !== undefined) args.push('--max-payload', String(maxPayload));
  const child = spawn(process.execPath, args, {
    cwd: REPOSITORY,
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const closed = once(child, 'close');
  const lines = createInterface({ input: child.stdout });
  const firstLine = Promise.race([
    once(lines, 'line').then(([line]) => String(line)),
    closed.then(() => undefined),
  ]);
  return { child, firstLine, errors };
}

/**
 * Creates a folder for one test file. The end of the file removes the folder and all hosts of failed
 * tests.
 */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'host-'));
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Like expect.stringMatching, with a type. */
export function stringMatching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
