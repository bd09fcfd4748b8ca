import { startChild, type Child, type ChildOptions } from './child.ts';

/** A process of the simulator over its deaths: killed, gone by itself, started again. */
export class RestartableProcess {
  readonly #name: string;
  readonly #options: () => ChildOptions;
  #child: Child | undefined;
  #ready: unknown;

  /** The options are read anew at each start. */
  constructor(name: string, options: () => ChildOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** What the process said of itself at its latest start; undefined before the first. */
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
    if (this.#child !== undefined) throw new Error(`${this.#name} runs already.`);
    const child = await startChild(this.#name, this.#options());
    this.#child = child;
    this.#ready = child.ready;
    void child.ended.then(() => {
      if (this.#child === child) this.#child = undefined;
    });
  }

  /** SIGKILL, and waits for the end. */
  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  /** Resolves when the process that runs now has ended, however that came; at once when none runs. */
  async ended(): Promise<void> {
    await this.#child?.ended;
  }
}
