// Runs one invocation of one function, with the app's hooks around it.

import { randomBytes, randomUUID } from 'node:crypto';
import { messageOf } from '../log.ts';
import type {
  CoreContext,
  FunctionResponse,
  InvocationModel,
  NamedData,
  RegisteredFunction,
  RetryContext,
  TraceContext,
} from './core-api.ts';
import type { App } from './load-app.ts';
import type { TimeLimit } from './time-limit.ts';
import type { TypedData } from './typed-data.ts';

export interface Invocation {
  /** The id of the invocation. Default: a new id. */
  readonly id?: string;
  readonly function: RegisteredFunction;
  /** The trigger comes first, then every other input. */
  readonly inputs: readonly NamedData[];
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  readonly retryContext?: RetryContext;
  /** The caller's `traceparent`. The invocation continues its trace. */
  readonly traceParent?: string | undefined;
}

export interface InvocationResult {
  /** The unchanged return value of the function. */
  readonly result: unknown;
  /** Returns the result in its envelope. The host builds the envelope only on this call. */
  response(): Promise<TypedData | null | undefined>;
}

/** Runs one invocation. Fails with the error of the function. */
export type Invoke = (invocation: Invocation) => Promise<InvocationResult>;

/**
 * Sends a function's outputs. `outputSenderOf` returns undefined for a function without outputs.
 */
export type SendOutputs = (response: FunctionResponse) => Promise<void>;

export interface InvokeOptions {
  /** The longest run of a function. */
  readonly timeLimit: TimeLimit;
  readonly outputSenderOf: (target: RegisteredFunction) => SendOutputs | undefined;
}

/**
 * Returns a function that invokes functions. The call fails when the function throws or an output
 * cannot be sent.
 */
export function createInvoke(app: App, { timeLimit, outputSenderOf }: InvokeOptions): Invoke {
  return async (invocation) => {
    const { model, coreContext } = await createContext(app, invocation);
    const timeoutError = () =>
      new Error(
        `Timeout value of ${timeLimit.milliseconds / 1000} s exceeded by function ` +
          `${invocation.function.metadata.name}.`,
      );
    const { context, result } = await timeLimit.apply(
      execute(app, invocation, model, coreContext),
      timeoutError,
    );
    const deliver = outputSenderOf(invocation.function);
    if (!deliver)
      return { result, response: async () => (await model.getResponse(context, result)).returnValue };
    const response = await model.getResponse(context, result);
    await deliver(response);
    return { result, response: () => Promise.resolve(response.returnValue) };
  };
}

async function execute(
  app: App,
  invocation: Invocation,
  model: InvocationModel,
  coreContext: CoreContext,
): Promise<{ context: unknown; result: unknown }> {
  const { hooks } = app.core;
  const { context, inputs } = await model.getArguments();
  coreContext.invocationContext = context;
  const hookData = { hookData: {}, appHookData: hooks.appHookData, invocationContext: context };

  coreContext.state = 'preInvocationHooks';
  const before = { ...hookData, inputs, functionCallback: invocation.function.callback };
  await hooks.run('preInvocation', before);

  coreContext.state = 'invocation';
  const after: { inputs: unknown[]; result: unknown; error: unknown } = {
    ...hookData,
    inputs: before.inputs,
    result: null,
    error: null,
  };
  try {
    after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    // A function can throw undefined. The invocation has failed all the same.
    after.error = error ?? new Error('Unknown error');
  }
  coreContext.state = 'postInvocationHooks';
  await hooks.run('postInvocation', after);
  if (after.error !== null && after.error !== undefined) {
    throw after.error instanceof Error ? after.error : new Error(messageOf(after.error));
  }
  return { context, result: after.result };
}

async function createContext(
  app: App,
  {
    id: invocationId = randomUUID(),
    function: target,
    inputs,
    triggerMetadata = {},
    retryContext,
    traceParent,
  }: Invocation,
) {
  const { id, metadata } = target;
  const coreContext: CoreContext = {
    invocationId,
    request: {
      invocationId,
      functionId: id,
      inputData: inputs,
      triggerMetadata,
      traceContext: continueTrace(traceParent),
      ...(retryContext && { retryContext }),
    },
    metadata,
    state: undefined,
    invocationContext: undefined,
    log: (level, category, message) => {
      app.core.hooks.log({
        level,
        category,
        source: metadata.name,
        message,
        invocationContext: coreContext.invocationContext,
      });
    },
  };
  return { model: await app.model.getInvocationModel(coreContext), coreContext };
}

/** Returns a new span in the caller's trace, or in a new trace. */
function continueTrace(traceParent = ''): TraceContext {
  const [, trace = randomBytes(16).toString('hex')] =
    /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/.exec(traceParent) ?? [];
  return {
    traceParent: `00-${trace}-${randomBytes(8).toString('hex')}-01`,
    traceState: '',
    attributes: {},
  };
}
