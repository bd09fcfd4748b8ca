// The process of the Durable extension, over its deaths: an end that nobody asked for is followed by
// a new process, as Azure starts a dead instance again.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, type Log } from '../log.ts';
import { StartError } from '../start-error.ts';
import { QUIET_DOTNET } from './dotnet.ts';

export interface ExtensionProcessOptions {
  /** The file that `dotnet` runs. */
  readonly file: string;
  readonly args: readonly string[];
  readonly log: Log;
}

const BETWEEN_LIVES_MILLISECONDS = 1_000;
const SOURCE = 'durable';

export class ExtensionProcess {
  readonly #options: ExtensionProcessOptions;
  #process: ChildProcess | undefined;
  /** Where the extension listens; resolves when a process that is starting takes work. */
  #address: Promise<string>;
  #stopping = false;

  constructor(options: ExtensionProcessOptions) {
    this.#options = options;
    this.#address = this.#start();
    // Nobody may wait yet; whoever waits hears of the failure.
    this.#address.catch(() => undefined);
  }

  get address(): Promise<string> {
    return this.#address;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const running = this.#process;
    if (running === undefined) return;
    running.kill('SIGTERM');
    await once(running, 'exit');
  }

  kill(): void {
    this.#stopping = true;
    this.#process?.kill('SIGKILL');
  }

  #start(): Promise<string> {
    const { file, args, log } = this.#options;
    // The extension speaks each worker's protocol, and learns the worker's language from this setting.
    const env = { ...process.env, ...QUIET_DOTNET, FUNCTIONS_WORKER_RUNTIME: 'node' };
    // The pipe to its standard input stays open for as long as this process lives.
    const child = spawn('dotnet', [file, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process = child;
    createInterface(child.stderr).on('line', (line) => log('information', SOURCE, line));
    const ready = new Promise<string>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        if (line.startsWith('{"ready":')) resolve((JSON.parse(line) as { ready: { rpc: string } }).ready.rpc);
      });
      child.once('error', (error) => reject(new StartError(`dotnet: ${messageOf(error)}`)));
      child.once('exit', (code, signal) =>
        reject(new StartError(`The Durable extension ended (${signal ?? String(code)}) while it started.`)),
      );
    });
    const ended = once(child, 'exit');
    void ready
      .then(() => ended)
      .then(
        () => this.#ended(child),
        () => {
          if (this.#process === child) this.#process = undefined;
        },
      );
    return ready;
  }

  #ended(child: ChildProcess): void {
    this.#process = undefined;
    if (this.#stopping) return;
    this.#options.log(
      'error',
      SOURCE,
      `The extension ended (${child.signalCode ?? String(child.exitCode)}) and is started again.`,
    );
    this.#address = this.#startAgain();
    this.#address.catch((error: unknown) => this.#options.log('error', SOURCE, messageOf(error)));
  }

  async #startAgain(): Promise<string> {
    await sleep(BETWEEN_LIVES_MILLISECONDS);
    if (this.#stopping) throw new Error('The host stops.');
    return await this.#start();
  }
}
