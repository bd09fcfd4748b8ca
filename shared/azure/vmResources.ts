// Reads the current network interfaces, addresses and disks of VMs. Two lists for each subscription
// are enough, for any number of VMs.
import type { VirtualMachine } from '@azure/arm-compute';
import type { NetworkInterface } from '@azure/arm-network';
import { messageOf } from '../core/errors.ts';
import { collectAll, computeClient, networkClient } from './clients.ts';
import { withReadFaults } from './readFaults.ts';
import { regionName, subscriptionOf } from '../core/armId.ts';

/** The result for one VM. `failed`: the reason why Azure could not return the VM now. */
export type VmReadResult = VmResources | 'notThere' | { readonly failed: string };

/** Returns a result for each VM id, by id in lower case. */
export async function readVmResources(ids: readonly string[]): Promise<ReadonlyMap<string, VmReadResult>> {
  const bySubscription = Map.groupBy(new Set(ids.map((id) => id.toLowerCase())), subscriptionOf);
  const results = await Promise.all(
    [...bySubscription].map(
      async ([subscription, wantedIds]): Promise<(readonly [string, VmReadResult])[]> => {
        try {
          const vms = await withReadFaults(`the VMs of subscription ${subscription}`, () =>
            readVmsOfSubscription(subscription, new Set(wantedIds)),
          );
          return wantedIds.map((id) => [id, vms.get(id) ?? 'notThere'] as const);
        } catch (error) {
          return wantedIds.map((id) => [id, { failed: messageOf(error) }] as const);
        }
      },
    ),
  );
  return new Map(results.flat());
}

const lowerCaseId = (id: string | undefined): string => (id ?? '').toLowerCase();

async function readVmsOfSubscription(
  subscription: string,
  wantedIds: ReadonlySet<string>,
): Promise<ReadonlyMap<string, VmResources>> {
  const networking = await networkClient(subscription);
  const [machines, nics] = await Promise.all([
    collectAll((await computeClient(subscription)).virtualMachines.listAll()),
    collectAll(networking.networkInterfaces.listAll()),
  ]);
  const wantedVms = machines.filter(({ id }) => wantedIds.has(lowerCaseId(id)));
  const wantedNicIds = new Set(
    wantedVms.flatMap((machine) =>
      (machine.networkProfile?.networkInterfaces ?? []).map(({ id }) => lowerCaseId(id)),
    ),
  );
  const nicById = new Map(
    nics.filter(({ id }) => wantedNicIds.has(lowerCaseId(id))).map((nic) => [lowerCaseId(nic.id), nic]),
  );
  // Few VMs have a public address, so most calls save this list.
  const hasPublicAddress = [...nicById.values()].some((nic) =>
    nic.ipConfigurations?.some(({ publicIPAddress }) => publicIPAddress?.id),
  );
  const addresses = new Map(
    (hasPublicAddress ? await collectAll(networking.publicIPAddresses.listAll()) : []).map(
      ({ id, ipAddress }) => [lowerCaseId(id), ipAddress ?? null],
    ),
  );
  return new Map(
    wantedVms.map((machine) => [lowerCaseId(machine.id), toVmResources(machine, nicById, addresses)]),
  );
}

function toVmResources(
  raw: VirtualMachine,
  nics: ReadonlyMap<string, NetworkInterface>,
  addresses: ReadonlyMap<string, string | null>,
): VmResources {
  const { osDisk, dataDisks = [] } = raw.storageProfile ?? {};
  return {
    region: regionName(raw.location),
    nics: (raw.networkProfile?.networkInterfaces ?? []).map(({ id = '' }) => ({
      id,
      configurations: (nics.get(lowerCaseId(id))?.ipConfigurations ?? []).map(
        ({ subnet, privateIPAddress, publicIPAddress }) => ({
          // A public address without a running VM has an id, but no address.
          subnetId: subnet?.id ?? null,
          privateAddress: privateIPAddress ?? null,
          publicAddress: publicIPAddress?.id
            ? (addresses.get(lowerCaseId(publicIPAddress.id)) ?? publicIPAddress.id)
            : null,
        }),
      ),
    })),
    disks: [
      ...(osDisk ? [{ place: 'os', id: osDisk.managedDisk?.id ?? osDisk.vhd?.uri ?? '' }] : []),
      ...dataDisks.map(({ lun, managedDisk, vhd }) => ({
        place: `lun ${lun}`,
        id: managedDisk?.id ?? vhd?.uri ?? '',
      })),
    ],
  };
}

/** A VM with its network interfaces and disks, as Azure returns them. */
export interface VmResources {
  readonly region: string;
  readonly nics: readonly {
    readonly id: string;
    readonly configurations: readonly {
      readonly subnetId: string | null;
      readonly privateAddress: string | null;
      readonly publicAddress: string | null;
    }[];
  }[];
  readonly disks: readonly { readonly place: string; readonly id: string }[];
}
