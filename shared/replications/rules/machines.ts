// The machines of a replicated VM, and what is remembered of them between two reads.

import type { ReplicaMachines } from '../../azure/replicatedVmFacts.ts';
import { sameId } from '../../siterecovery/item.ts';

/** The same machines with what was known before; `before`: as they were remembered last. */

export function mergeKnownMachines(
  now: ReplicaMachines,
  before: ReplicaMachines | undefined,
): ReplicaMachines {
  if (now.other !== null || !before) return now;
  const isReversed = !sameId(before.source, now.source);
  return { ...now, other: isReversed ? before.source : before.other };
}
