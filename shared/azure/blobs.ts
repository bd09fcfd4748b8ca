// Disks that are not managed: the blobs of a VM that was failed over, and the accounts that they
// came from. An item need not tell either.
import { groupNameOf, nameOf, subscriptionOf, isClassicId } from '../core/armId.ts';
import { all, compute, orUndefined, storage } from './clients.ts';
import { reading } from './faults.ts';
import { classicBlobs } from './classic.ts';
import { readClassicGround, readClassicOne } from './reads.ts';
import { accountNameOf } from './machineFacts.ts';

interface ItemDisk {
  readonly recoveryDiskId: string | null;
  readonly recoveryName: string;
  readonly sourceDiskId: string;
  readonly sourceAccountId: string | null;
}

/** A blob that is to be replicated back, and the account to which its copy goes. */
export interface Blob {
  readonly uri: string;
  readonly accountId: string;
}

/** Of each disk, or of none: the VM or an account that is gone cannot be replicated back. */
export async function recoveredBlobs(
  disks: readonly ItemDisk[],
  recoveryVmId: string | null,
  sourceVmId: string,
): Promise<readonly Blob[] | undefined> {
  const told = blobsOf(
    disks,
    (disk) => disk.recoveryDiskId,
    (disk) => disk.sourceAccountId,
  );
  if (told || disks.length === 0) return told ?? [];
  const [uris, accounts] = await Promise.all([
    recoveryVmId === null ? new Map<string, string>() : urisOf(recoveryVmId),
    accountsOf(sourceVmId),
  ]);
  return blobsOf(
    disks,
    (disk) => disk.recoveryDiskId ?? uris.get(disk.recoveryName.toLowerCase()),
    (disk) => disk.sourceAccountId ?? accounts.get(accountNameOf(disk.sourceDiskId)),
  );
}

type Told = (disk: ItemDisk) => string | null | undefined;

function blobsOf(disks: readonly ItemDisk[], uriOf: Told, accountIdOf: Told): readonly Blob[] | undefined {
  const blobs = disks.flatMap((disk): Blob[] => {
    const [uri, accountId] = [uriOf(disk), accountIdOf(disk)];
    return uri && accountId ? [{ uri, accountId }] : [];
  });
  return blobs.length === disks.length ? blobs : undefined;
}

/** By the names of the disks. */
async function urisOf(vmId: string): Promise<ReadonlyMap<string, string>> {
  if (isClassicId(vmId))
    return reading(`the VM ${vmId}`, async () => classicBlobs(await orUndefined(readClassicOne(vmId))));
  const vm = await reading(`the VM ${vmId}`, async () =>
    orUndefined((await compute(subscriptionOf(vmId))).virtualMachines.get(groupNameOf(vmId), nameOf(vmId))),
  );
  const { osDisk, dataDisks = [] } = vm?.storageProfile ?? {};
  return new Map(
    [...(osDisk ? [osDisk] : []), ...dataDisks].flatMap(({ name, vhd }) =>
      name && vhd?.uri ? [[name.toLowerCase(), vhd.uri] as const] : [],
    ),
  );
}

/** Of the model that the VM is of, by their names, which stand in the addresses of their blobs. */
async function accountsOf(vmId: string): Promise<ReadonlyMap<string, string>> {
  const subscription = subscriptionOf(vmId);
  const accounts = await reading(`the storage accounts of ${subscription}`, async () =>
    isClassicId(vmId)
      ? (await readClassicGround(subscription)).storageAccounts
      : all((await storage(subscription)).storageAccounts.list()),
  );
  return new Map(accounts.map(({ name = '', id = '' }) => [name, id]));
}
