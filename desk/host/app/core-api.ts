// What `require('@azure/functions-core')` answers. No such package exists: Azure's Node worker supplies it, and so does this host.

import { StartError } from '../start-error.ts';
import type { Level, Log } from '../log.ts';
import type { TypedData } from './typed-data.ts';

export interface Binding {
  readonly type: string;
  readonly direction: 'in' | 'out';
  readonly [property: string]: unknown;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: unknown;
}

export type Callback = (...inputs: unknown[]) => unknown;

export interface NamedData {
  readonly name: string;
  readonly data: TypedData;
}

export interface InvocationRequest {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: readonly NamedData[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
}

export interface CoreContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  log(level: Level, category: string, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: TypedData | null }>;
}

/** The library's side of the bargain: `@azure/functions` hands this over when the first function registers. */
export interface ProgrammingModel {
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
  getInvocationModel(context: CoreContext): InvocationModel | Promise<InvocationModel>;
}

export interface RegisteredFunction {
  readonly id: string;
  readonly metadata: FunctionMetadata;
  readonly callback: Callback;
}

const HOOK_NAMES = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation'] as const;
export type HookName = (typeof HOOK_NAMES)[number];
export type Hook = (context: Record<string, unknown>) => unknown;

class Disposable {
  readonly #dispose: () => void;

  constructor(dispose: () => void) {
    this.#dispose = dispose;
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): void {
    this.#dispose();
  }
}

/** Collects what the app registers while it loads; closed once it has loaded. */
export class CoreApi {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly #hooks = new Map<HookName, Hook[]>(HOOK_NAMES.map((name) => [name, []]));
  #model: ProgrammingModel | undefined;
  #closed = false;
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  get model(): ProgrammingModel {
    if (this.#model === undefined) throw new StartError('The app registered no function.');
    return this.#model;
  }

  close(): void {
    this.#closed = true;
  }

  async runHooks(name: HookName, context: Record<string, unknown>): Promise<void> {
    for (const hook of this.#hooks.get(name) ?? []) await hook(context);
  }

  /** The module object that the app's library sees. */
  module(): Record<string, unknown> {
    return {
      version: '4.0.0',
      hostVersion: '4.0.0',
      Disposable,
      setProgrammingModel: (model: ProgrammingModel) => {
        this.#model = model;
      },
      getProgrammingModel: () => this.#model,
      registerFunction: (metadata: FunctionMetadata, callback: Callback) => this.#register(metadata, callback),
      registerHook: (name: string, hook: Hook) => this.#registerHook(name, hook),
      log: (level: Level, category: string, message: string) => {
        this.#log(level, category === 'user' ? 'app' : 'host', message);
      },
    };
  }

  #register(metadata: FunctionMetadata, callback: Callback): Disposable {
    if (this.#closed) throw new Error(`Function "${metadata.name}" was registered after the app had started.`);
    const id = metadata.functionId ?? metadata.name;
    if (this.functions.has(id)) throw new Error(`Two functions are called "${id}".`);
    this.functions.set(id, { id, metadata, callback });
    return new Disposable(() => this.functions.delete(id));
  }

  #registerHook(name: string, hook: Hook): Disposable {
    const hooks = this.#hooks.get(name as HookName);
    // The library recognises this flag and explains that the host is too old for the hook.
    if (!hooks) throw Object.assign(new RangeError(`Hook "${name}" is not known.`), { isAzureFunctionsSystemError: true });
    hooks.push(hook);
    return new Disposable(() => {
      const index = hooks.indexOf(hook);
      if (index >= 0) hooks.splice(index, 1);
    });
  }
}
