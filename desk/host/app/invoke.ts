// One invocation of one function, with the app's hooks around it.

import { randomUUID } from 'node:crypto';
import { messageOf, type Log } from '../log.ts';
import type { CoreContext, NamedData, RegisteredFunction } from './core-api.ts';
import type { App } from './load-app.ts';
import type { TypedData } from './typed-data.ts';

export interface Invocation {
  readonly function: RegisteredFunction;
  /** The trigger first, then every other input. */
  readonly inputs: readonly NamedData[];
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
}

export interface Invoked {
  /** What the function returned, as it is. */
  readonly result: unknown;
  /** The same in its envelope; made only when asked for. */
  response(): Promise<TypedData | null | undefined>;
}

export type Invoke = (invocation: Invocation) => Promise<Invoked>;

/** Fails with the error that the function threw. */
export function createInvoke(app: App, log: Log): Invoke {
  return async (invocation) => {
    const { model, coreContext } = await begin(app, invocation, log);
    const { context, inputs } = await model.getArguments();
    const hookData = { hookData: {}, appHookData: {}, invocationContext: context };

    coreContext.state = 'preInvocationHooks';
    const before = { ...hookData, inputs, functionCallback: invocation.function.callback };
    await app.core.runHooks('preInvocation', before);

    coreContext.state = 'invocation';
    const after: { inputs: unknown[]; result: unknown; error: unknown } = { ...hookData, inputs: before.inputs, result: null, error: null };
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      // A function may throw nothing at all, and has failed all the same.
      after.error = error ?? new Error('Unknown error');
    }
    coreContext.state = 'postInvocationHooks';
    await app.core.runHooks('postInvocation', after);
    if (after.error !== null && after.error !== undefined) {
      throw after.error instanceof Error ? after.error : new Error(messageOf(after.error));
    }
    const result = after.result;
    return { result, response: async () => (await model.getResponse(context, result)).returnValue };
  };
}

async function begin(app: App, invocation: Invocation, log: Log) {
  const invocationId = randomUUID();
  const { id, metadata } = invocation.function;
  const coreContext: CoreContext = {
    invocationId,
    request: { invocationId, functionId: id, inputData: invocation.inputs, triggerMetadata: invocation.triggerMetadata ?? {} },
    metadata,
    state: undefined,
    log: (level, _category, message) => log(level, metadata.name, message),
  };
  return { model: await app.model.getInvocationModel(coreContext), coreContext };
}
