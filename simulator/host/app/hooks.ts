// Runs the app's hooks: at its start and end, around each invocation, and for each line that it
// logs.

import { messageOf, type LogLevel, type Log } from '../log.ts';

const HOOK_NAMES = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
export type HookName = (typeof HOOK_NAMES)[number];
export type Hook = (context: Record<string, unknown>) => unknown;

/**
 * A line before it reaches the log. A hook may change the level and message of the app's own lines.
 */
export interface LogLine {
  readonly level: LogLevel;
  readonly category: string;
  /** The source of the line: a function or the app. */
  readonly source: string;
  readonly message: string;
  readonly invocationContext?: unknown;
}

export class Hooks {
  /** Data that the app hooks and the invocation hooks share. */
  readonly appHookData: Record<string, unknown> = {};
  /** Data that the appStart hook passes to the appTerminate hook. */
  readonly #lifeData: Record<string, unknown> = {};
  readonly #logData: Record<string, unknown> = {};
  readonly #hooks = new Map<HookName, Hook[]>(HOOK_NAMES.map((name) => [name, []]));
  readonly #log: Log;
  #logging = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Registers a hook. The returned function removes the hook. */
  register(name: string, hook: Hook): () => void {
    const hooks = this.#hooks.get(name as HookName);
    // The library recognises this flag and explains that the host is too old for the hook.
    if (!hooks)
      throw Object.assign(new RangeError(`Hook "${name}" is not known.`), {
        isAzureFunctionsSystemError: true,
      });
    hooks.push(hook);
    return () => {
      const index = hooks.indexOf(hook);
      if (index >= 0) hooks.splice(index, 1);
    };
  }

  async run(name: 'preInvocation' | 'postInvocation', context: Record<string, unknown>): Promise<void> {
    for (const hook of this.#of(name)) await hook(context);
  }

  async runAppHook(name: 'appStart' | 'appTerminate', functionAppDirectory: string): Promise<void> {
    const context = { hookData: this.#lifeData, appHookData: this.appHookData, functionAppDirectory };
    for (const hook of this.#of(name)) await hook(context);
  }

  /** Logs the line after the log hooks. The line reaches the log even when a hook logs or fails. */
  log(line: LogLine): void {
    const { level, category, source, message, invocationContext } = line;
    const hooks = this.#of('log');
    if (hooks.length === 0 || this.#logging) {
      this.#log(level, source, message);
      return;
    }
    const context = {
      level: level as LogLevel | 'none',
      category,
      message,
      invocationContext,
      hookData: this.#logData,
      appHookData: this.appHookData,
    };
    this.#logging = true;
    try {
      for (const hook of hooks) hook(context);
    } catch (error) {
      this.#log('error', source, `A log hook failed: ${messageOf(error)}`);
    } finally {
      this.#logging = false;
    }
    const finalLine = category === 'user' ? context : line;
    if (finalLine.level !== 'none') this.#log(finalLine.level, source, finalLine.message);
  }

  #of(name: HookName): readonly Hook[] {
    return [...(this.#hooks.get(name) ?? [])];
  }
}
