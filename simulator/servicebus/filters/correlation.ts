import type { CorrelationFilter } from '../entities.ts';
import type { MessageFields } from '../message.ts';

/** Every condition that the filter names must hold, exactly. */
export function matchesCorrelation(
  { properties = {}, ...system }: CorrelationFilter,
  facts: MessageFields,
): boolean {
  return (
    Object.entries(system).every(([name, wanted]) => facts.system[name as keyof typeof system] === wanted) &&
    Object.entries(properties).every(([name, wanted]) => facts.application.get(name) === wanted)
  );
}
