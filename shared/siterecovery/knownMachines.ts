// Merges the machines of a replicated VM from two reads. Pure; the vault refresh and the enabling
// rules use it.

import type { ReplicaMachines } from '../azure/replicatedVmFacts.ts';
import { sameId } from './item.ts';

/**
 * The present machines, with the other machine of the last read when the item no longer shows it.
 */
export function mergeKnownMachines(
  now: ReplicaMachines,
  before: ReplicaMachines | undefined,
): ReplicaMachines {
  if (now.other !== null || !before) return now;
  const isReversed = !sameId(before.source, now.source);
  return { ...now, other: isReversed ? before.source : before.other };
}
