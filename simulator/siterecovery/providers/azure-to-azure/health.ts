// The health of an Azure-to-Azure item at a given time. It worsens while the source sends no data,
// while replication leaves out a disk, and until somebody has tested a failover.

import type { HealthError, ItemHealth } from '../../provider.ts';
import type { Vault } from '../../vault.ts';
import { itemHealth, missingTestError, unreachableSourceError } from '../common/item-health.ts';
import { findSourceMachine } from './machine.ts';
import { sourceUnreachableSince } from './recovery-points.ts';
import type { AzureToAzureItem } from './details.ts';

const SILENT_CAUSES =
  'The virtual machine does not run, its region is not available, or its changes do not arrive.';

function unprotectedDiskError({ details }: AzureToAzureItem, vault: Vault): HealthError | undefined {
  const { protectedSince, machines, primary, disks, failedOverAt } = details;
  if (protectedSince === null || failedOverAt !== null) return undefined;
  const machine = findSourceMachine(vault.azure, machines[primary]);
  const known = new Set(disks.map(({ id }) => id.toLowerCase()));
  const added = machine?.disks.find((disk) => !known.has(disk.id.toLowerCase()));
  return (
    added && {
      errorSource: 'ReplicationUnitConfigurationError',
      errorType: '8014',
      errorLevel: 'Warning',
      errorCategory: 'Configuration',
      errorCode: '153039',
      errorMessage: `The disk '${added.name}' of the virtual machine is not protected.`,
      possibleCauses: 'The disk was attached after replication was enabled, or was left out.',
      recommendedAction: 'Add the disk to replication, or dismiss this warning.',
      since: protectedSince,
    }
  );
}

export function healthOf(item: AzureToAzureItem, vault: Vault, now: number): ItemHealth {
  const { protectedSince } = item.details;
  const silentSince = protectedSince === null ? null : sourceUnreachableSince(item, vault);
  return itemHealth(
    [unreachableSourceError(silentSince, now, SILENT_CAUSES), unprotectedDiskError(item, vault)],
    [missingTestError({ ...item.details, isReady: item.state === 'protected' }, now)],
  );
}
