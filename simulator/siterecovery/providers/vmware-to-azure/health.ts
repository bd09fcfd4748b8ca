// The health of a VMware item at a given time. It worsens while no data arrive, and until somebody
// has tested a failover.

import type { ItemHealth } from '../../provider.ts';
import type { Vault } from '../../vault.ts';
import { itemHealth, missingTestError, unreachableSourceError } from '../common/item-health.ts';
import { goesHome, type VmwareItem } from './details.ts';
import { replicationServer } from './estate.ts';
import { sourceUnreachableSince } from './recovery-points.ts';

/** The server that passes the data on explains a silence better than the machine does. */
function silentCause(item: VmwareItem, vault: Vault): string {
  const server = replicationServer(vault, item.place.fabric, item.details.serverId);
  return server && vault.onPremises.isDark(server.name)
    ? `The server '${server.name}' lost contact.`
    : 'The virtual machine does not run, or its changes do not arrive.';
}

export function healthOf(item: VmwareItem, vault: Vault, now: number): ItemHealth {
  const { details, state } = item;
  const silentSince = details.protectedSince === null ? null : sourceUnreachableSince(item, vault);
  const isReady = state === 'protected' && !goesHome(item);
  return itemHealth(
    [unreachableSourceError(silentSince, now, silentCause(item, vault))],
    [missingTestError({ ...details, isReady }, now)],
  );
}
