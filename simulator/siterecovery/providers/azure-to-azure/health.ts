// The health of an Azure-to-Azure item at a given time. It worsens while the source sends no data,
// while replication leaves out a disk, and until somebody has tested a failover.

import type { Health, HealthError, ItemHealth } from '../../provider.ts';
import type { Vault } from '../../vault.ts';
import { findSourceMachine } from './machine.ts';
import { sourceUnreachableSince } from './recovery-points.ts';
import type { AzureToAzureItem } from './details.ts';

const MINUTE_MS = 60_000;
/** How long after protection the service starts to warn that nobody has tested a failover. */
const TEST_WARNING_AFTER_MS = 10 * MINUTE_MS;
const UNREACHABLE_WARNING_AFTER_MS = 15 * MINUTE_MS;
const UNREACHABLE_CRITICAL_AFTER_MS = 60 * MINUTE_MS;

function missingTestError({ details, state }: AzureToAzureItem, now: number): HealthError | undefined {
  const { protectedSince, lastSuccessfulTest } = details;
  if (
    protectedSince === null ||
    lastSuccessfulTest !== null ||
    state !== 'protected' ||
    now < protectedSince + TEST_WARNING_AFTER_MS
  )
    return undefined;
  return {
    errorSource: 'ReplicationUnitFailoverValidatorError',
    errorType: '8010',
    errorLevel: 'Warning',
    errorCategory: 'TestFailover',
    errorCode: '161011',
    errorMessage: 'No test failover was done on this replicated item.',
    possibleCauses: 'The item became protected and was not tested since.',
    recommendedAction: 'Run a test failover.',
    since: protectedSince + TEST_WARNING_AFTER_MS,
  };
}

function unreachableSourceError(item: AzureToAzureItem, vault: Vault, now: number): HealthError | undefined {
  const since = item.details.protectedSince === null ? null : sourceUnreachableSince(item, vault);
  if (since === null || now < since + UNREACHABLE_WARNING_AFTER_MS) return undefined;
  const minutes = Math.floor((now - since) / MINUTE_MS);
  return {
    errorSource: 'ReplicationUnitReplicationError',
    errorType: '8012',
    errorLevel: now < since + UNREACHABLE_CRITICAL_AFTER_MS ? 'Warning' : 'Error',
    errorCategory: 'Replication',
    errorCode: '153006',
    errorMessage: `No recovery point was made for the virtual machine in the last ${minutes} minutes.`,
    possibleCauses:
      'The virtual machine does not run, its region is not available, or its changes do not arrive.',
    recommendedAction: 'Start the virtual machine, or fail over to the recovery region.',
    since: since + UNREACHABLE_WARNING_AFTER_MS,
  };
}

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

const overallHealth = (errors: readonly HealthError[]): Health => {
  if (errors.some(({ errorLevel }) => errorLevel === 'Error')) return 'Critical';
  return errors.length > 0 ? 'Warning' : 'Normal';
};

export function healthOf(item: AzureToAzureItem, vault: Vault, now: number): ItemHealth {
  const replication = [unreachableSourceError(item, vault, now), unprotectedDiskError(item, vault)].filter(
    (error) => error !== undefined,
  );
  const failover = [missingTestError(item, now)].filter((error) => error !== undefined);
  return {
    replication: overallHealth(replication),
    failover: overallHealth(failover),
    errors: [...replication, ...failover],
  };
}
