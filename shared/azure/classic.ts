// Converts resources of the classic deployment model into facts. The SDKs have no types for this
// model, so the schemas here describe only the fields in use.
import type { GenericResource } from '@azure/arm-resources';
import * as z from 'zod';
import { resourceGroupNameOf, nameOf, regionName, subscriptionOf } from '../core/armId.ts';
import {
  DeploymentModel,
  type CloudServiceFacts,
  type NetworkFacts,
  type SourceDisk,
  type SourceNic,
  type SourceVm,
  type StorageAccountFacts,
} from './facts.ts';
import { storageAccountIdOf, type RelatedResources } from './vmFacts.ts';

const text = z.string().nullish();
const ClassicDisk = z.looseObject({
  diskName: text,
  operatingSystem: text,
  vhdUri: text,
  diskSize: z.number().nullish(),
  storageAccount: z.looseObject({ id: text }).nullish(),
});
/** The properties of a classic VM. */
const ClassicVmProperties = z.looseObject({
  domainName: z.looseObject({ id: text, name: text }).nullish(),
  hardwareProfile: z.looseObject({ size: text, platformGuestAgent: z.boolean().nullish() }).nullish(),
  storageProfile: z
    .looseObject({ operatingSystemDisk: ClassicDisk.nullish(), dataDisks: z.array(ClassicDisk).nullish() })
    .nullish(),
  networkProfile: z
    .looseObject({
      virtualNetwork: z.looseObject({ id: text, subnetNames: z.array(z.string()).nullish() }).nullish(),
    })
    .nullish(),
  instanceView: z
    .looseObject({ powerState: text, guestAgentStatus: z.looseObject({ status: text }).nullish() })
    .nullish(),
});
type ClassicVm = z.infer<typeof ClassicVmProperties>;
const ClassicNetworkProperties = z.looseObject({
  addressSpace: z.looseObject({ addressPrefixes: z.array(z.string()).nullish() }).nullish(),
  subnets: z.array(z.looseObject({ name: text, addressPrefix: text })).nullish(),
});
const ClassicAccountProperties = z.looseObject({ accountType: text });

export const cloudServiceIdOf = (raw: GenericResource | undefined): string | undefined =>
  ClassicVmProperties.safeParse(raw?.properties).data?.domainName?.id ?? undefined;

/** Returns the addresses of the VM's blobs by disk name. */
export function classicBlobUris(raw: GenericResource | undefined): ReadonlyMap<string, string> {
  const { operatingSystemDisk, dataDisks } =
    ClassicVmProperties.safeParse(raw?.properties).data?.storageProfile ?? {};
  return new Map(
    [...(operatingSystemDisk ? [operatingSystemDisk] : []), ...(dataDisks ?? [])].flatMap(
      ({ diskName, vhdUri }) => (diskName && vhdUri ? [[diskName.toLowerCase(), vhdUri] as const] : []),
    ),
  );
}

const POWER_BY_CLASSIC_STATE: Readonly<Record<string, SourceVm['power']>> = {
  Started: 'running',
  Stopped: 'stopped',
  StoppedDeallocated: 'deallocated',
};

export function toClassicNetwork(raw: GenericResource): NetworkFacts {
  const id = raw.id ?? '';
  const properties = ClassicNetworkProperties.safeParse(raw.properties).data ?? {};
  return {
    id,
    name: raw.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    region: regionName(raw.location),
    addressPrefixes: properties.addressSpace?.addressPrefixes ?? [],
    subnets: (properties.subnets ?? []).map((subnet) => ({
      name: subnet.name ?? '',
      addressPrefixes: subnet.addressPrefix ? [subnet.addressPrefix] : [],
      securityGroupId: null,
    })),
  };
}

export function toClassicAccount(raw: GenericResource): StorageAccountFacts {
  const id = raw.id ?? '';
  const properties = ClassicAccountProperties.safeParse(raw.properties).data ?? {};
  return {
    id,
    name: raw.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    region: regionName(raw.location),
    sku: (properties.accountType ?? 'Standard-LRS').replace('-', '_'),
    kind: 'Storage',
    madeAsCache: false,
  };
}

export function toCloudService(raw: GenericResource): CloudServiceFacts {
  const id = raw.id ?? '';
  return {
    id,
    name: raw.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    region: regionName(raw.location),
  };
}

export function toClassicVm(raw: GenericResource, related: RelatedResources): SourceVm {
  const id = raw.id ?? '';
  const properties: ClassicVm = ClassicVmProperties.safeParse(raw.properties).data ?? {};
  const { operatingSystemDisk, dataDisks } = properties.storageProfile ?? {};
  return {
    id,
    name: raw.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    resourceGroup: resourceGroupNameOf(id),
    region: regionName(raw.location),
    model: DeploymentModel.classic,
    cloudService: properties.domainName?.name ?? null,
    size: properties.hardwareProfile?.size ?? '',
    osType: operatingSystemDisk?.operatingSystem === 'Windows' ? 'Windows' : 'Linux',
    generation: 'V1',
    power: POWER_BY_CLASSIC_STATE[properties.instanceView?.powerState ?? ''] ?? 'unknown',
    agentReady: isClassicAgentReady(properties),
    os: null,
    zone: null,
    availabilitySetId: null,
    placementGroupId: null,
    scaleSetId: null,
    disks: [
      ...(operatingSystemDisk ? [toClassicDisk(operatingSystemDisk, true, related)] : []),
      ...(dataDisks ?? []).map((disk) => toClassicDisk(disk, false, related)),
    ],
    nics: classicNics(id, properties),
  };
}

function isClassicAgentReady({ instanceView, hardwareProfile }: ClassicVm): boolean | null {
  const status = instanceView?.guestAgentStatus?.status;
  if (status) return status === 'Ready';
  return hardwareProfile?.platformGuestAgent === false ? false : null;
}

const toClassicDisk = (
  raw: z.infer<typeof ClassicDisk>,
  isOs: boolean,
  related: RelatedResources,
): SourceDisk => ({
  id: raw.vhdUri ?? raw.diskName ?? '',
  name: raw.diskName ?? '',
  isOs,
  sizeGb: raw.diskSize ?? 0,
  accountType: null,
  managed: false,
  storageAccountId: raw.storageAccount?.id ?? storageAccountIdOf(raw.vhdUri ?? '', related),
  shared: false,
});

/**
 * A classic VM has one network interface, which is no resource of its own. A VM without a network
 * gets no interface.
 */
function classicNics(id: string, { networkProfile }: ClassicVm): readonly SourceNic[] {
  const network = networkProfile?.virtualNetwork;
  if (!network?.id) return [];
  return [
    {
      id: `${id}/networkInterfaces/primary`,
      name: 'primary',
      primary: true,
      networkId: network.id,
      subnet: network.subnetNames?.[0] ?? '',
      securityGroupId: null,
      acceleratedNetworking: false,
    },
  ];
}
