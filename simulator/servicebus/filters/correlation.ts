// Evaluates correlation filters.

import type { CorrelationFilter } from '../entities.ts';
import type { MessageFields } from '../message.ts';

/** Returns true when every condition of the filter matches exactly. */
export function matchesCorrelation(
  { properties = {}, ...system }: CorrelationFilter,
  facts: MessageFields,
): boolean {
  return (
    Object.entries(system).every(([name, wanted]) => facts.system[name as keyof typeof system] === wanted) &&
    Object.entries(properties).every(([name, wanted]) => facts.application.get(name) === wanted)
  );
}
