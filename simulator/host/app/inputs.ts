// The inputs of a function call, for all kinds of triggers.

import type { NamedData } from './core-api.ts';
import type { AppFunction } from './functions.ts';
import type { TypedData } from './typed-data.ts';

/**
 * Returns the inputs of an invocation: the trigger, and a durable client for each input that asks
 * for one.
 */
export function buildInputs(target: AppFunction, trigger: TypedData, durableClient: string): NamedData[] {
  return [
    { name: target.triggerName, data: trigger },
    ...target.clientInputs.map((name) => ({ name, data: { string: durableClient } })),
  ];
}
