// Finds the blobs of unmanaged disks after a failover, and their source storage accounts. Reprotect
// needs both. A replicated item may omit either, so the reads here fill the gaps.
import { resourceGroupNameOf, nameOf, subscriptionOf, isClassicId } from '../core/armId.ts';
import { collectAll, computeClient, undefinedIfNotFound, storageClient } from './clients.ts';
import { withReadFaults } from './readFaults.ts';
import { classicBlobUris } from './classic.ts';
import { readClassicFacts, readClassicResource } from './subscriptionReads.ts';
import { accountNameOf } from './vmFacts.ts';

interface UnmanagedDisk {
  readonly recoveryDiskId: string | null;
  readonly recoveryName: string;
  readonly sourceDiskId: string;
  readonly sourceAccountId: string | null;
}

/** A blob for the replication back, and the storage account for its copy. */
export interface ReplicatedBlob {
  readonly uri: string;
  readonly accountId: string;
}

/**
 * Returns a blob for each disk, or undefined. Without the VM or an account, the replication back is
 * impossible.
 */
export async function findRecoveredBlobs(
  disks: readonly UnmanagedDisk[],
  recoveryVmId: string | null,
  sourceVmId: string,
): Promise<readonly ReplicatedBlob[] | undefined> {
  const blobsFromItem = blobsOf(
    disks,
    (disk) => disk.recoveryDiskId,
    (disk) => disk.sourceAccountId,
  );
  if (blobsFromItem || disks.length === 0) return blobsFromItem ?? [];
  const [uris, accounts] = await Promise.all([
    recoveryVmId === null ? new Map<string, string>() : readBlobUris(recoveryVmId),
    readAccountIds(sourceVmId),
  ]);
  return blobsOf(
    disks,
    (disk) => disk.recoveryDiskId ?? uris.get(disk.recoveryName.toLowerCase()),
    (disk) => disk.sourceAccountId ?? accounts.get(accountNameOf(disk.sourceDiskId)),
  );
}

type DiskLookup = (disk: UnmanagedDisk) => string | null | undefined;

function blobsOf(
  disks: readonly UnmanagedDisk[],
  uriOf: DiskLookup,
  accountIdOf: DiskLookup,
): readonly ReplicatedBlob[] | undefined {
  const blobs = disks.flatMap((disk): ReplicatedBlob[] => {
    const [uri, accountId] = [uriOf(disk), accountIdOf(disk)];
    return uri && accountId ? [{ uri, accountId }] : [];
  });
  return blobs.length === disks.length ? blobs : undefined;
}

/** Returns the addresses of the blobs by disk name. */
async function readBlobUris(vmId: string): Promise<ReadonlyMap<string, string>> {
  if (isClassicId(vmId))
    return withReadFaults(`the VM ${vmId}`, async () =>
      classicBlobUris(await undefinedIfNotFound(readClassicResource(vmId))),
    );
  const vm = await withReadFaults(`the VM ${vmId}`, async () =>
    undefinedIfNotFound(
      (await computeClient(subscriptionOf(vmId))).virtualMachines.get(
        resourceGroupNameOf(vmId),
        nameOf(vmId),
      ),
    ),
  );
  const { osDisk, dataDisks = [] } = vm?.storageProfile ?? {};
  return new Map(
    [...(osDisk ? [osDisk] : []), ...dataDisks].flatMap(({ name, vhd }) =>
      name && vhd?.uri ? [[name.toLowerCase(), vhd.uri] as const] : [],
    ),
  );
}

/**
 * Returns the ids of the storage accounts by name. Only accounts of the VM's deployment model
 * count. The address of a blob contains the account's name.
 */
async function readAccountIds(vmId: string): Promise<ReadonlyMap<string, string>> {
  const subscription = subscriptionOf(vmId);
  const accounts = await withReadFaults(`the storage accounts of ${subscription}`, async () =>
    isClassicId(vmId)
      ? (await readClassicFacts(subscription)).storageAccounts
      : collectAll((await storageClient(subscription)).storageAccounts.list()),
  );
  return new Map(accounts.map(({ name = '', id = '' }) => [name, id]));
}
