// Converts SDK virtual machines, with their disks and network interfaces, into facts.
import type { DataDisk, Disk, OSDisk, VirtualMachine, VirtualMachineInstanceView } from '@azure/arm-compute';
import type { NetworkInterface } from '@azure/arm-network';
import { resourceGroupNameOf, nameOf, networkIdOf, regionName, subscriptionOf } from '../core/armId.ts';
import { DeploymentModel, type SourceDisk, type SourceNic, type SourceVm } from './facts.ts';

/** The resources that a VM refers to, by id in lower case. Storage accounts are by name. */
export interface RelatedResources {
  readonly disks: ReadonlyMap<string, Disk>;
  readonly nics: ReadonlyMap<string, NetworkInterface>;
  readonly storageAccountIds: ReadonlyMap<string, string>;
}

const POWER_STATES = ['running', 'stopped', 'deallocated'] as const;

export function powerStateOf(view: VirtualMachineInstanceView | undefined): SourceVm['power'] {
  const state = (view?.statuses ?? []).flatMap(
    ({ code }) => /^PowerState\/(.+)$/.exec(code ?? '')?.[1] ?? [],
  )[0];
  return POWER_STATES.find((power) => power === state) ?? 'unknown';
}

/** Returns null unless the VM runs: a stopped VM has a silent agent, and that is no fault. */
export function isAgentReady(view: VirtualMachineInstanceView | undefined): boolean | null {
  const statuses = view?.vmAgent?.statuses ?? [];
  if (powerStateOf(view) !== 'running' || statuses.length === 0) return null;
  return statuses.some(
    ({ code, displayStatus }) => code === 'ProvisioningState/succeeded' && displayStatus === 'Ready',
  );
}

export function toVm(
  raw: VirtualMachine,
  view: VirtualMachineInstanceView | undefined,
  related: RelatedResources,
): SourceVm {
  const id = raw.id ?? '';
  const { osDisk, dataDisks = [] } = raw.storageProfile ?? {};
  const osDiskResource =
    osDisk?.managedDisk?.id === undefined
      ? undefined
      : related.disks.get(osDisk.managedDisk.id.toLowerCase());
  const generation = view?.hyperVGeneration ?? osDiskResource?.hyperVGeneration;
  return {
    id,
    name: raw.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    resourceGroup: resourceGroupNameOf(id),
    region: regionName(raw.location),
    model: DeploymentModel.resourceManager,
    cloudService: null,
    size: raw.hardwareProfile?.vmSize ?? '',
    osType: osDisk?.osType === 'Windows' ? 'Windows' : 'Linux',
    os: osOf(raw, view),
    generation: generation === 'V1' || generation === 'V2' ? generation : null,
    power: powerStateOf(view),
    agentReady: isAgentReady(view),
    zone: raw.zones?.[0] ?? null,
    availabilitySetId: raw.availabilitySet?.id ?? null,
    placementGroupId: raw.proximityPlacementGroup?.id ?? null,
    scaleSetId: raw.virtualMachineScaleSet?.id ?? null,
    disks: [
      ...(osDisk ? [toDisk(osDisk, true, related)] : []),
      ...dataDisks.map((disk) => toDisk(disk, false, related)),
    ],
    nics: toNics(raw, related),
  };
}

/** A silent agent names no system, and a disk of a person's own has no image. */
function osOf(
  { storageProfile }: VirtualMachine,
  view: VirtualMachineInstanceView | undefined,
): SourceVm['os'] {
  const { offer, sku } = storageProfile?.imageReference ?? {};
  const text = view?.osName ? [view.osName, view.osVersion] : [offer, sku];
  return text.filter(Boolean).join(' ') || null;
}

/** Returns the id of the storage account that contains this blob address. */
export function storageAccountIdOf(uri: string, related: RelatedResources): string | null {
  return related.storageAccountIds.get(accountNameOf(uri)) ?? null;
}

function toDisk(raw: OSDisk | DataDisk, isOs: boolean, related: RelatedResources): SourceDisk {
  const managed = raw.managedDisk?.id;
  const uri = raw.vhd?.uri ?? '';
  // A deallocated VM returns no sizes and types of its disks, but the disk resources do.
  const diskResource = managed === undefined ? undefined : related.disks.get(managed.toLowerCase());
  return {
    id: managed ?? uri,
    name: raw.name ?? nameOf(managed ?? uri),
    isOs,
    sizeGb: diskResource?.diskSizeGB ?? raw.diskSizeGB ?? 0,
    accountType:
      managed === undefined ? null : (diskResource?.sku?.name ?? raw.managedDisk?.storageAccountType ?? null),
    managed: managed !== undefined,
    storageAccountId: managed === undefined ? storageAccountIdOf(uri, related) : null,
    shared: (diskResource?.maxShares ?? 1) > 1,
  };
}

function toNics(raw: VirtualMachine, related: RelatedResources): readonly SourceNic[] {
  const references = raw.networkProfile?.networkInterfaces ?? [];
  return references.flatMap(({ id, primary }) => {
    const nic = related.nics.get(id?.toLowerCase() ?? '');
    return nic ? [toNic(nic, primary ?? references.length === 1)] : [];
  });
}

function toNic(raw: NetworkInterface, primary: boolean): SourceNic {
  const configurations = raw.ipConfigurations ?? [];
  const subnetId =
    (configurations.find((configuration) => configuration.primary) ?? configurations[0])?.subnet?.id ?? '';
  return {
    id: raw.id ?? '',
    name: raw.name ?? '',
    primary,
    networkId: networkIdOf(subnetId),
    subnet: nameOf(subnetId),
    securityGroupId: raw.networkSecurityGroup?.id ?? null,
    acceleratedNetworking: raw.enableAcceleratedNetworking ?? false,
  };
}
export const accountNameOf = (uri: string): string =>
  URL.canParse(uri) ? (new URL(uri).hostname.split('.')[0] ?? '') : '';
