// The module that `require('@azure/functions-core')` returns. npm has no such package. Azure's Node
// worker supplies the module, and so does this host.

import { StartError } from '../start-error.ts';
import type { LogLevel, Log } from '../log.ts';
import { Hooks, type Hook } from './hooks.ts';
import type { TypedData } from './typed-data.ts';

export interface Binding {
  readonly type: string;
  readonly direction: 'in' | 'out';
  readonly [property: string]: unknown;
}

/** A function's registration, as the library passes it to the host. */
export interface FunctionMetadata {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: RetryOptions;
}

export interface RetryOptions {
  readonly strategy: string;
  readonly maxRetryCount: number;
  readonly delayInterval?: Duration;
  readonly minimumInterval?: Duration;
  readonly maximumInterval?: Duration;
}

export interface Duration {
  readonly seconds: number;
}

/** The retries of this run so far. The host sets it at the first run too, with a count of 0. */
export interface RetryContext {
  readonly retryCount: number;
  readonly maxRetryCount: number;
  readonly exception?: { readonly message: string; readonly stackTrace?: string };
}

/** A hook or a function of the app, as the library passes it to the host. */
export type Callback = (...inputs: unknown[]) => unknown;

export interface NamedData {
  readonly name: string;
  readonly data: TypedData;
}

/** The position of an invocation in a distributed trace, in the format of W3C. */
export interface TraceContext {
  readonly traceParent: string;
  readonly traceState: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface InvocationRequest {
  readonly invocationId: string;
  readonly functionId: string;
  readonly inputData: readonly NamedData[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
  readonly traceContext: TraceContext;
  readonly retryContext?: RetryContext;
}

export interface CoreContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state: 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined;
  /** The context that the function receives. The programming model creates it and sets it here. */
  invocationContext: unknown;
  log(level: LogLevel, category: string, message: string): void;
}

export interface InvocationModel {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: Callback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<FunctionResponse>;
}

export interface FunctionResponse {
  readonly returnValue?: TypedData | null;
  readonly outputData: readonly NamedData[];
}

/**
 * The library's half of the interface. `@azure/functions` passes it to this host at the first
 * registration.
 */
export interface ProgrammingModel {
  getCapabilities(capabilities: Record<string, string>): Promise<Record<string, string>>;
  getInvocationModel(context: CoreContext): InvocationModel | Promise<InvocationModel>;
}

export interface RegisteredFunction {
  readonly id: string;
  readonly metadata: FunctionMetadata;
  readonly callback: Callback;
}

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

/** Collects the functions and hooks that the app registers while it loads. Closed after loading. */
export class CoreApi {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly hooks: Hooks;
  #model: ProgrammingModel | undefined;
  #closed = false;

  constructor(log: Log) {
    this.hooks = new Hooks(log);
  }

  get model(): ProgrammingModel {
    if (this.#model === undefined) throw new StartError('The app registered no function.');
    return this.#model;
  }

  close(): void {
    this.#closed = true;
  }

  /** Returns the module object for the app's library. */
  module(): Record<string, unknown> {
    return {
      version: '4.0.0',
      hostVersion: '4.0.0',
      Disposable,
      setProgrammingModel: (model: ProgrammingModel) => {
        this.#model = model;
      },
      getProgrammingModel: () => this.#model,
      registerFunction: (metadata: FunctionMetadata, callback: Callback) =>
        this.#register(metadata, callback),
      registerHook: (name: string, hook: Hook) => new Disposable(this.hooks.register(name, hook)),
      log: (level: LogLevel, category: string, message: string) => {
        this.hooks.log({ level, category, source: category === 'user' ? 'app' : 'host', message });
      },
    };
  }

  #register(metadata: FunctionMetadata, callback: Callback): Disposable {
    if (this.#closed)
      throw new Error(`Function "${metadata.name}" was registered after the app had started.`);
    const id = metadata.functionId ?? metadata.name;
    if (this.functions.has(id)) throw new Error(`Two functions are called "${id}".`);
    this.functions.set(id, { id, metadata, callback });
    return new Disposable(() => this.functions.delete(id));
  }
}
