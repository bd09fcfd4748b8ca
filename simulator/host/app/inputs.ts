import type { NamedData } from './core-api.ts';
import type { AppFunction } from './functions.ts';
import type { TypedData } from './typed-data.ts';

/** What a function is invoked with: its trigger, and a durable client wherever it asks for one. */
export function buildInputs(target: AppFunction, trigger: TypedData, durableClient: string): NamedData[] {
  return [
    { name: target.triggerName, data: trigger },
    ...target.clientInputs.map((name) => ({ name, data: { string: durableClient } })),
  ];
}
