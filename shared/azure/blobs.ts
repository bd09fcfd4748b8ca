// Disks that are not managed: the blobs of a VM that was failed over, and the accounts that they
// came from. An item need not tell either.
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

/** A blob that is to be replicated back, and the account to which its copy goes. */
export interface ReplicatedBlob {
  readonly uri: string;
  readonly accountId: string;
}

/** Of each disk, or of none: the VM or an account that is gone cannot be replicated back. */
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

/** By the names of the disks. */
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

/** Of the model that the VM is of, by their names, which stand in the addresses of their blobs. */
async function readAccountIds(vmId: string): Promise<ReadonlyMap<string, string>> {
  const subscription = subscriptionOf(vmId);
  const accounts = await withReadFaults(`the storage accounts of ${subscription}`, async () =>
    isClassicId(vmId)
      ? (await readClassicFacts(subscription)).storageAccounts
      : collectAll((await storageClient(subscription)).storageAccounts.list()),
  );
  return new Map(accounts.map(({ name = '', id = '' }) => [name, id]));
}
