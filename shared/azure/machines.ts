// From the SDKs' shapes to facts: virtual machines with their disks and network interfaces, of either deployment model.
import type { DataDisk, Disk, OSDisk, VirtualMachine, VirtualMachineInstanceView } from '@azure/arm-compute';
import type { NetworkInterface } from '@azure/arm-network';
import type { GenericResource } from '@azure/arm-resources';
import { z } from 'zod';
import { DeploymentModel, type SourceDisk, type SourceNic, type SourceVm } from '../domain/enabling/facts.ts';
import { accountNameOf } from './blobs.ts';
import { groupNameOf, nameOf, networkOf, regionName, subscriptionOf } from './ids.ts';

/** What a machine refers to, by id in lower case (storage accounts by name). */
export interface Surroundings {
  readonly disks: ReadonlyMap<string, Disk>;
  readonly nics: ReadonlyMap<string, NetworkInterface>;
  readonly storageAccountIds: ReadonlyMap<string, string>;
}

const POWERS = ['running', 'stopped', 'deallocated'] as const;

export function powerOf(view: VirtualMachineInstanceView | undefined): SourceVm['power'] {
  const told = (view?.statuses ?? []).flatMap(({ code }) => /^PowerState\/(.+)$/.exec(code ?? '')?.[1] ?? [])[0];
  return POWERS.find((power) => power === told) ?? 'unknown';
}

/** The agent speaks only while the machine runs: what is silent because it is off is not known to be broken. */
export function agentReadyIn(view: VirtualMachineInstanceView | undefined): boolean | null {
  const statuses = view?.vmAgent?.statuses ?? [];
  if (powerOf(view) !== 'running' || statuses.length === 0) return null;
  return statuses.some(({ code, displayStatus }) => code === 'ProvisioningState/succeeded' && displayStatus === 'Ready');
}

export function toVm(raw: VirtualMachine, view: VirtualMachineInstanceView | undefined, around: Surroundings): SourceVm {
  const id = raw.id ?? '';
  const { osDisk, dataDisks = [] } = raw.storageProfile ?? {};
  const kept = osDisk?.managedDisk?.id === undefined ? undefined : around.disks.get(osDisk.managedDisk.id.toLowerCase());
  const generation = view?.hyperVGeneration ?? kept?.hyperVGeneration;
  return {
    id, name: raw.name ?? nameOf(id), subscription: subscriptionOf(id), resourceGroup: groupNameOf(id), region: regionName(raw.location),
    model: DeploymentModel.resourceManager, cloudService: null,
    size: raw.hardwareProfile?.vmSize ?? '',
    osType: osDisk?.osType === 'Windows' ? 'Windows' : 'Linux',
    generation: generation === 'V1' || generation === 'V2' ? generation : null,
    power: powerOf(view),
    agentReady: agentReadyIn(view),
    zone: raw.zones?.[0] ?? null,
    availabilitySetId: raw.availabilitySet?.id ?? null,
    placementGroupId: raw.proximityPlacementGroup?.id ?? null,
    scaleSetId: raw.virtualMachineScaleSet?.id ?? null,
    disks: [...(osDisk ? [toDisk(osDisk, true, around)] : []), ...dataDisks.map((disk) => toDisk(disk, false, around))],
    nics: toNics(raw, around),
  };
}

/** The account in whose blobs this address lies. */
function accountOf(uri: string, around: Surroundings): string | null {
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
    accountType: managed === undefined ? null : kept?.sku?.name ?? raw.managedDisk?.storageAccountType ?? null,
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
    id: raw.id ?? '', name: raw.name ?? '', primary, networkId: networkOf(subnetId), subnet: nameOf(subnetId),
    securityGroupId: raw.networkSecurityGroup?.id ?? null, acceleratedNetworking: raw.enableAcceleratedNetworking ?? false,
  };
}

const text = z.string().nullish();
const classicDisk = z.looseObject({ diskName: text, operatingSystem: text, vhdUri: text, diskSize: z.number().nullish(), storageAccount: z.looseObject({ id: text }).nullish() });
/** What the classic provider tells of a machine; the SDK knows no type for it. */
const classic = z.looseObject({
  domainName: z.looseObject({ name: text }).nullish(),
  hardwareProfile: z.looseObject({ size: text, platformGuestAgent: z.boolean().nullish() }).nullish(),
  storageProfile: z.looseObject({ operatingSystemDisk: classicDisk.nullish(), dataDisks: z.array(classicDisk).nullish() }).nullish(),
  networkProfile: z.looseObject({ virtualNetwork: z.looseObject({ id: text, subnetNames: z.array(z.string()).nullish() }).nullish() }).nullish(),
  instanceView: z.looseObject({ powerState: text, guestAgentStatus: z.looseObject({ status: text }).nullish() }).nullish(),
});
type Classic = z.infer<typeof classic>;

const CLASSIC_POWERS: Readonly<Record<string, SourceVm['power']>> = { Started: 'running', Stopped: 'stopped', StoppedDeallocated: 'deallocated' };

export function toClassicVm(raw: GenericResource, around: Surroundings): SourceVm {
  const id = raw.id ?? '';
  const told: Classic = classic.safeParse(raw.properties).data ?? {};
  const { operatingSystemDisk, dataDisks } = told.storageProfile ?? {};
  return {
    id, name: raw.name ?? nameOf(id), subscription: subscriptionOf(id), resourceGroup: groupNameOf(id), region: regionName(raw.location),
    model: DeploymentModel.classic, cloudService: told.domainName?.name ?? null,
    size: told.hardwareProfile?.size ?? '',
    osType: operatingSystemDisk?.operatingSystem === 'Windows' ? 'Windows' : 'Linux',
    generation: 'V1',
    power: CLASSIC_POWERS[told.instanceView?.powerState ?? ''] ?? 'unknown',
    agentReady: classicAgent(told),
    zone: null, availabilitySetId: null, placementGroupId: null, scaleSetId: null,
    disks: [...(operatingSystemDisk ? [toClassicDisk(operatingSystemDisk, true, around)] : []), ...(dataDisks ?? []).map((disk) => toClassicDisk(disk, false, around))],
    nics: classicNics(id, told),
  };
}

function classicAgent({ instanceView, hardwareProfile }: Classic): boolean | null {
  const status = instanceView?.guestAgentStatus?.status;
  if (status) return status === 'Ready';
  return hardwareProfile?.platformGuestAgent === false ? false : null;
}

const toClassicDisk = (raw: z.infer<typeof classicDisk>, isOs: boolean, around: Surroundings): SourceDisk => ({
  id: raw.vhdUri ?? raw.diskName ?? '', name: raw.diskName ?? '', isOs, sizeGb: raw.diskSize ?? 0, accountType: null, managed: false,
  storageAccountId: raw.storageAccount?.id ?? accountOf(raw.vhdUri ?? '', around), shared: false,
});

/** A classic machine has one interface, which is no resource of its own; in no network there is none to speak of. */
function classicNics(id: string, { networkProfile }: Classic): readonly SourceNic[] {
  const home = networkProfile?.virtualNetwork;
  if (!home?.id) return [];
  return [{ id: `${id}/networkInterfaces/primary`, name: 'primary', primary: true, networkId: home.id, subnet: home.subnetNames?.[0] ?? '', securityGroupId: null, acceleratedNetworking: false }];
}
