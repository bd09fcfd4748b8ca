import { startChild, type Child, type ChildOptions } from './child.ts';

/** A process of the simulator that callers can kill, stop and start again. */
export class RestartableProcess {
  readonly #name: string;
  readonly #options: () => ChildOptions;
  #child: Child | undefined;
  #ready: unknown;

  /** Each start calls `options` again. */
  constructor(name: string, options: () => ChildOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** The ready value of the latest start, or undefined before the first start. */
  get ready(): unknown {
    return this.#ready;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  get pid(): number {
    if (this.#child === undefined) throw new Error(`${this.#name} is down.`);
    return this.#child.pid;
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`${this.#name} is already running.`);
    const child = await startChild(this.#name, this.#options());
    this.#child = child;
    this.#ready = child.ready;
    void child.ended.then(() => {
      if (this.#child === child) this.#child = undefined;
    });
  }

  /** Kills the process with SIGKILL and waits for its end. */
  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  /** Resolves when the current process ends for any reason, or at once when no process runs. */
  async ended(): Promise<void> {
    await this.#child?.ended;
  }
}
