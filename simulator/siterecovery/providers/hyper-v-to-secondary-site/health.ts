// The health of a machine of a VMM cloud at a given time.

import type { ItemHealth } from '../../provider.ts';
import type { Vault } from '../../vault.ts';
import { itemHealth, missingTestError, unreachableSourceError } from '../common/item-health.ts';
import type { CloudItem } from './details.ts';
import { sourceUnreachableSince } from './recovery-points.ts';

const SILENT_CAUSES = 'The Hyper-V host does not answer, or it cannot reach the host of the replica.';

export function healthOf(item: CloudItem, vault: Vault, now: number): ItemHealth {
  const silentSince = item.details.protectedSince === null ? null : sourceUnreachableSince(item, vault);
  return itemHealth(
    [unreachableSourceError(silentSince, now, SILENT_CAUSES)],
    [missingTestError({ ...item.details, isReady: item.state === 'protected' }, now)],
  );
}
