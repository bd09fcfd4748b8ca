// VMs with their interfaces, addresses and disks as Azure shows them now: two lists for a
// subscription, however many VMs are asked for.
import type { VirtualMachine } from '@azure/arm-compute';
import type { NetworkInterface } from '@azure/arm-network';
import { messageOf } from '../core/errors.ts';
import { all, compute, network } from './clients.ts';
import { reading } from './faults.ts';
import { regionName, subscriptionOf } from '../core/armId.ts';

/** A text: it could not be read now, and why. */
export type Seen = Machine | 'notThere' | { readonly failed: string };

/** By id in lower case. */
export async function readMachines(ids: readonly string[]): Promise<ReadonlyMap<string, Seen>> {
  const bySubscription = Map.groupBy(new Set(ids.map((id) => id.toLowerCase())), subscriptionOf);
  const found = await Promise.all(
    [...bySubscription].map(async ([subscription, wanted]): Promise<(readonly [string, Seen])[]> => {
      try {
        const seen = await reading(`the VMs of subscription ${subscription}`, () =>
          readSome(subscription, new Set(wanted)),
        );
        return wanted.map((id) => [id, seen.get(id) ?? 'notThere'] as const);
      } catch (error) {
        return wanted.map((id) => [id, { failed: messageOf(error) }] as const);
      }
    }),
  );
  return new Map(found.flat());
}

const key = (id: string | undefined): string => (id ?? '').toLowerCase();

async function readSome(
  subscription: string,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Machine>> {
  const networking = await network(subscription);
  const [machines, nics] = await Promise.all([
    all((await compute(subscription)).virtualMachines.listAll()),
    all(networking.networkInterfaces.listAll()),
  ]);
  const mine = machines.filter(({ id }) => wanted.has(key(id)));
  const ofMine = new Set(
    mine.flatMap((machine) => (machine.networkProfile?.networkInterfaces ?? []).map(({ id }) => key(id))),
  );
  const byId = new Map(nics.filter(({ id }) => ofMine.has(key(id))).map((nic) => [key(nic.id), nic]));
  // Few machines have any.
  const isPublic = [...byId.values()].some((nic) =>
    nic.ipConfigurations?.some(({ publicIPAddress }) => publicIPAddress?.id),
  );
  const addresses = new Map(
    (isPublic ? await all(networking.publicIPAddresses.listAll()) : []).map(({ id, ipAddress }) => [
      key(id),
      ipAddress ?? null,
    ]),
  );
  return new Map(mine.map((machine) => [key(machine.id), toMachine(machine, byId, addresses)]));
}

function toMachine(
  raw: VirtualMachine,
  nics: ReadonlyMap<string, NetworkInterface>,
  addresses: ReadonlyMap<string, string | null>,
): Machine {
  const { osDisk, dataDisks = [] } = raw.storageProfile ?? {};
  return {
    region: regionName(raw.location),
    nics: (raw.networkProfile?.networkInterfaces ?? []).map(({ id = '' }) => ({
      id,
      configurations: (nics.get(key(id))?.ipConfigurations ?? []).map(
        ({ subnet, privateIPAddress, publicIPAddress }) => ({
          // One that is not used by a running machine has an id, and no address.
          subnetId: subnet?.id ?? null,
          privateAddress: privateIPAddress ?? null,
          publicAddress: publicIPAddress?.id
            ? (addresses.get(key(publicIPAddress.id)) ?? publicIPAddress.id)
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
/** A VM with what hangs on it, as Azure shows it. */

export interface Machine {
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
