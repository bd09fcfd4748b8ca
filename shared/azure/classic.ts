// What of the classic deployment model Azure still tells, from its shape to facts. The SDKs know no
// types for it.
import type { GenericResource } from '@azure/arm-resources';
import * as z from 'zod';
import { groupNameOf, nameOf, regionName, subscriptionOf } from '../core/armId.ts';
import {
  DeploymentModel,
  type CloudServiceFacts,
  type NetworkFacts,
  type SourceDisk,
  type SourceNic,
  type SourceVm,
  type StorageAccountFacts,
} from './facts.ts';
import { accountOf, type Surroundings } from './machineFacts.ts';

const text = z.string().nullish();
const classicDisk = z.looseObject({
  diskName: text,
  operatingSystem: text,
  vhdUri: text,
  diskSize: z.number().nullish(),
  storageAccount: z.looseObject({ id: text }).nullish(),
});
/** What the classic provider tells of a machine; the SDK knows no type for it. */
const classic = z.looseObject({
  domainName: z.looseObject({ id: text, name: text }).nullish(),
  hardwareProfile: z.looseObject({ size: text, platformGuestAgent: z.boolean().nullish() }).nullish(),
  storageProfile: z
    .looseObject({ operatingSystemDisk: classicDisk.nullish(), dataDisks: z.array(classicDisk).nullish() })
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
type Classic = z.infer<typeof classic>;
const classicNetwork = z.looseObject({
  addressSpace: z.looseObject({ addressPrefixes: z.array(z.string()).nullish() }).nullish(),
  subnets: z.array(z.looseObject({ name: text, addressPrefix: text })).nullish(),
});
const classicAccount = z.looseObject({ accountType: text });

export const cloudServiceOf = (raw: GenericResource | undefined): string | undefined =>
  classic.safeParse(raw?.properties).data?.domainName?.id ?? undefined;

/** Addresses of its blobs, by the names of its disks. */
export function classicBlobs(raw: GenericResource | undefined): ReadonlyMap<string, string> {
  const { operatingSystemDisk, dataDisks } = classic.safeParse(raw?.properties).data?.storageProfile ?? {};
  return new Map(
    [...(operatingSystemDisk ? [operatingSystemDisk] : []), ...(dataDisks ?? [])].flatMap(
      ({ diskName, vhdUri }) => (diskName && vhdUri ? [[diskName.toLowerCase(), vhdUri] as const] : []),
    ),
  );
}

const CLASSIC_POWERS: Readonly<Record<string, SourceVm['power']>> = {
  Started: 'running',
  Stopped: 'stopped',
  StoppedDeallocated: 'deallocated',
};

export function toClassicNetwork(raw: GenericResource): NetworkFacts {
  const id = raw.id ?? '';
  const told = classicNetwork.safeParse(raw.properties).data ?? {};
  return {
    id,
    name: raw.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    region: regionName(raw.location),
    addressPrefixes: told.addressSpace?.addressPrefixes ?? [],
    subnets: (told.subnets ?? []).map((subnet) => ({
      name: subnet.name ?? '',
      addressPrefixes: subnet.addressPrefix ? [subnet.addressPrefix] : [],
      securityGroupId: null,
    })),
  };
}

export function toClassicAccount(raw: GenericResource): StorageAccountFacts {
  const id = raw.id ?? '';
  const told = classicAccount.safeParse(raw.properties).data ?? {};
  return {
    id,
    name: raw.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    region: regionName(raw.location),
    sku: (told.accountType ?? 'Standard-LRS').replace('-', '_'),
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

export function toClassicVm(raw: GenericResource, around: Surroundings): SourceVm {
  const id = raw.id ?? '';
  const told: Classic = classic.safeParse(raw.properties).data ?? {};
  const { operatingSystemDisk, dataDisks } = told.storageProfile ?? {};
  return {
    id,
    name: raw.name ?? nameOf(id),
    subscription: subscriptionOf(id),
    resourceGroup: groupNameOf(id),
    region: regionName(raw.location),
    model: DeploymentModel.classic,
    cloudService: told.domainName?.name ?? null,
    size: told.hardwareProfile?.size ?? '',
    osType: operatingSystemDisk?.operatingSystem === 'Windows' ? 'Windows' : 'Linux',
    generation: 'V1',
    power: CLASSIC_POWERS[told.instanceView?.powerState ?? ''] ?? 'unknown',
    agentReady: classicAgent(told),
    zone: null,
    availabilitySetId: null,
    placementGroupId: null,
    scaleSetId: null,
    disks: [
      ...(operatingSystemDisk ? [toClassicDisk(operatingSystemDisk, true, around)] : []),
      ...(dataDisks ?? []).map((disk) => toClassicDisk(disk, false, around)),
    ],
    nics: classicNics(id, told),
  };
}

function classicAgent({ instanceView, hardwareProfile }: Classic): boolean | null {
  const status = instanceView?.guestAgentStatus?.status;
  if (status) return status === 'Ready';
  return hardwareProfile?.platformGuestAgent === false ? false : null;
}

const toClassicDisk = (
  raw: z.infer<typeof classicDisk>,
  isOs: boolean,
  around: Surroundings,
): SourceDisk => ({
  id: raw.vhdUri ?? raw.diskName ?? '',
  name: raw.diskName ?? '',
  isOs,
  sizeGb: raw.diskSize ?? 0,
  accountType: null,
  managed: false,
  storageAccountId: raw.storageAccount?.id ?? accountOf(raw.vhdUri ?? '', around),
  shared: false,
});

/**
 * A classic machine has one interface, which is no resource of its own; in no network there is none
 * to speak of.
 */
function classicNics(id: string, { networkProfile }: Classic): readonly SourceNic[] {
  const home = networkProfile?.virtualNetwork;
  if (!home?.id) return [];
  return [
    {
      id: `${id}/networkInterfaces/primary`,
      name: 'primary',
      primary: true,
      networkId: home.id,
      subnet: home.subnetNames?.[0] ?? '',
      securityGroupId: null,
      acceleratedNetworking: false,
    },
  ];
}
