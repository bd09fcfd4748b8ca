// From the SDKs' shapes to facts: virtual machines with their disks and network interfaces.
import type { DataDisk, Disk, OSDisk, VirtualMachine, VirtualMachineInstanceView } from '@azure/arm-compute';
import type { NetworkInterface } from '@azure/arm-network';
import { groupNameOf, nameOf, networkOf, regionName, subscriptionOf } from '../core/armId.ts';
import { DeploymentModel, type SourceDisk, type SourceNic, type SourceVm } from './facts.ts';

/** What a machine refers to, by id in lower case (storage accounts by name). */
export interface Surroundings {
  readonly disks: ReadonlyMap<string, Disk>;
  readonly nics: ReadonlyMap<string, NetworkInterface>;
  readonly storageAccountIds: ReadonlyMap<string, string>;
}

const POWERS = ['running', 'stopped', 'deallocated'] as const;

export function powerOf(view: VirtualMachineInstanceView | undefined): SourceVm['power'] {
  const told = (view?.statuses ?? []).flatMap(
    ({ code }) => /^PowerState\/(.+)$/.exec(code ?? '')?.[1] ?? [],
  )[0];
  return POWERS.find((power) => power === told) ?? 'unknown';
}

/**
 * The agent speaks only while the machine runs: what is silent because it is off is not known to be
 * broken.
 */
export function agentReadyIn(view: VirtualMachineInstanceView | undefined): boolean | null {
  const statuses = view?.vmAgent?.statuses ?? [];
  if (powerOf(view) !== 'running' || statuses.length === 0) return null;
  return statuses.some(
    ({ code, displayStatus }) => code === 'ProvisioningState/succeeded' && displayStatus === 'Ready',
  );
}

export function toVm(
  raw: VirtualMachine,
  view: VirtualMachineInstanceView | undefined,
  around: Surroundings,
): SourceVm {
  const id = raw.id ?? '';
  const { osDisk, dataDisks = [] } = raw.storageProfile ?? {};
  const kept =
    osDisk?.managedDisk?.id === undefined ? undefined : around.disks.get(osDisk.managedDisk.id.toLowerCase());
  const generation = view?.hyperVGeneration ?? kept?.hyperVGeneration;
  return {
    id,
    name: raw.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    resourceGroup: groupNameOf(id),
    region: regionName(raw.location),
    model: DeploymentModel.resourceManager,
    cloudService: null,
    size: raw.hardwareProfile?.vmSize ?? '',
    osType: osDisk?.osType === 'Windows' ? 'Windows' : 'Linux',
    generation: generation === 'V1' || generation === 'V2' ? generation : null,
    power: powerOf(view),
    agentReady: agentReadyIn(view),
    zone: raw.zones?.[0] ?? null,
    availabilitySetId: raw.availabilitySet?.id ?? null,
    placementGroupId: raw.proximityPlacementGroup?.id ?? null,
    scaleSetId: raw.virtualMachineScaleSet?.id ?? null,
    disks: [
      ...(osDisk ? [toDisk(osDisk, true, around)] : []),
      ...dataDisks.map((disk) => toDisk(disk, false, around)),
    ],
    nics: toNics(raw, around),
  };
}

/** The account in whose blobs this address lies. */
export function accountOf(uri: string, around: Surroundings): string | null {
  return around.storageAccountIds.get(accountNameOf(uri)) ?? null;
}

function toDisk(raw: OSDisk | DataDisk, isOs: boolean, around: Surroundings): SourceDisk {
  const managed = raw.managedDisk?.id;
  const uri = raw.vhd?.uri ?? '';
  // A machine that is deallocated does not tell sizes and types of its disks; the disks themselves do.
  const kept = managed === undefined ? undefined : around.disks.get(managed.toLowerCase());
  return {
    id: managed ?? uri,
    name: raw.name ?? nameOf(managed ?? uri),
    isOs,
    sizeGb: kept?.diskSizeGB ?? raw.diskSizeGB ?? 0,
    accountType:
      managed === undefined ? null : (kept?.sku?.name ?? raw.managedDisk?.storageAccountType ?? null),
    managed: managed !== undefined,
    storageAccountId: managed === undefined ? accountOf(uri, around) : null,
    shared: (kept?.maxShares ?? 1) > 1,
  };
}

function toNics(raw: VirtualMachine, around: Surroundings): readonly SourceNic[] {
  const references = raw.networkProfile?.networkInterfaces ?? [];
  return references.flatMap(({ id, primary }) => {
    const nic = around.nics.get(id?.toLowerCase() ?? '');
    return nic ? [toNic(nic, primary ?? references.length === 1)] : [];
  });
}

function toNic(raw: NetworkInterface, primary: boolean): SourceNic {
  const configurations = raw.ipConfigurations ?? [];
  const subnetId = (configurations.find((one) => one.primary) ?? configurations[0])?.subnet?.id ?? '';
  return {
    id: raw.id ?? '',
    name: raw.name ?? '',
    primary,
    networkId: networkOf(subnetId),
    subnet: nameOf(subnetId),
    securityGroupId: raw.networkSecurityGroup?.id ?? null,
    acceleratedNetworking: raw.enableAcceleratedNetworking ?? false,
  };
}
export const accountNameOf = (uri: string): string =>
  URL.canParse(uri) ? (new URL(uri).hostname.split('.')[0] ?? '') : '';
