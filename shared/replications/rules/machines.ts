// The machines of a replicated VM, and what is remembered of them between two reads.

import type { Machines } from '../../azure/replica.ts';
import { sameId } from '../../siterecovery/item.ts';

/** The same machines with what was known before; `before`: as they were remembered last. */

export function remembering(now: Machines, before: Machines | undefined): Machines {
  if (now.other !== null || !before) return now;
  const turned = !sameId(before.source, now.source);
  return { ...now, other: turned ? before.source : before.other };
}
