// The health of a Hyper-V item at a given time. It worsens while the host sends no data, and until
// somebody has tested a failover.

import type { ItemHealth } from '../../provider.ts';
import type { Vault } from '../../vault.ts';
import { itemHealth, missingTestError, unreachableSourceError } from '../common/item-health.ts';
import type { HyperVItem } from './details.ts';
import { sourceUnreachableSince } from './recovery-points.ts';

const SILENT_CAUSES = 'The Hyper-V host does not answer, or it cannot reach Azure.';

export function healthOf(item: HyperVItem, vault: Vault, now: number): ItemHealth {
  const silentSince = item.details.protectedSince === null ? null : sourceUnreachableSince(item, vault);
  return itemHealth(
    [unreachableSourceError(silentSince, now, SILENT_CAUSES)],
    [missingTestError({ ...item.details, isReady: item.state === 'protected' }, now)],
  );
}
