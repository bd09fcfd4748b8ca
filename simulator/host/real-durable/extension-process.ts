// Runs the process of the Durable extension. After an unexpected end it starts a new process, as
// Azure restarts a dead instance.

import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { StartError } from '../start-error.ts';
import { DOTNET_ENVIRONMENT } from './dotnet.ts';

export interface ExtensionProcessOptions {
  /** The file for `dotnet`. */
  readonly file: string;
  readonly args: readonly string[];
  readonly log: Log;
}

interface ProcessRun {
  readonly process: ChildProcess;
  /** The address of the extension. Resolves once the extension takes work. */
  readonly address: Promise<string>;
  readonly ended: Promise<void>;
}

const RESTART_DELAY_MS = 1_000;
const LOG_SOURCE = 'durable';

export class ExtensionProcess {
  readonly #options: ExtensionProcessOptions;
  #life: ProcessRun;
  #stopping = false;

  constructor(options: ExtensionProcessOptions) {
    this.#options = options;
    this.#life = startProcess(options);
  }

  /** Starts the process. The first start must succeed; the process retries later starts. */
  async start(): Promise<void> {
    await this.#life.address;
    void this.#keepAlive();
  }

  /**
   * The address of the extension. While a process starts, the promise resolves when that process
   * takes work.
   */
  get address(): Promise<string> {
    return this.#life.address;
  }

  get pid(): number | undefined {
    return this.#life.process.pid;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#life.process.kill('SIGTERM');
    await this.#life.ended;
  }

  kill(): void {
    this.#stopping = true;
    this.#life.process.kill('SIGKILL');
  }

  async #keepAlive(): Promise<void> {
    for (;;) {
      await this.#life.ended;
      await sleep(RESTART_DELAY_MS);
      if (this.#stopping) return;
      const end = exitText(this.#life.process);
      this.#options.log('error', LOG_SOURCE, `The extension ended (${end}), and starts again.`);
      this.#life = startProcess(this.#options);
    }
  }
}

function startProcess({ file, args, log }: ExtensionProcessOptions): ProcessRun {
  // The extension speaks each worker's protocol. It reads the worker's language from this setting.
  const env = { ...process.env, ...DOTNET_ENVIRONMENT, FUNCTIONS_WORKER_RUNTIME: 'node' };
  // The pipe to the child's standard input stays open for as long as this process lives.
  const child = spawn('dotnet', [file, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  createInterface(child.stderr).on('line', (line) => log('information', LOG_SOURCE, line));
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const address = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('{"ready":')) resolve((JSON.parse(line) as { ready: { rpc: string } }).ready.rpc);
    });
    void ended.then(() =>
      reject(new StartError(`The Durable extension ended (${exitText(child)}) while it started.`)),
    );
  });
  // When the process ends, possibly nobody waits for the address.
  address.catch(() => undefined);
  return { process: child, address, ended };
}

const exitText = ({ signalCode, exitCode }: ChildProcess): string => signalCode ?? `code ${String(exitCode)}`;
