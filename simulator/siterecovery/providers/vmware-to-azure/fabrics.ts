// The kinds of VMware fabrics: of replication appliances, of a configuration server, and of an
// appliance without an agent in the machines, which only migrates.

import * as z from 'zod';

import type { FabricRecord } from '../../configuration-records.ts';
import type { FabricKind, FabricKinds, ProtectableItem, ServicesProvider } from '../../fabric-kind.ts';
import { guidOf } from '../../ids.ts';
import type { SettingsResult } from '../../provider.ts';
import { isSameName, type Vault } from '../../vault.ts';
import { isVmware, type VmwareItem } from './details.ts';
import { protectableItems } from './discovered.ts';
import { createdWithMapping } from './way-home.ts';
import { registeredServers, replicationServers, SERVER_KINDS } from './estate.ts';
import {
  applianceParts,
  applianceProviderName,
  configurationServerDetails,
  identityOf,
  registrationProperties,
  serverHealth,
  type ServerView,
} from './servers.ts';

const identity = z.looseObject({ tenantId: z.string(), applicationId: z.string() });
const applianceInput = z.object({
  instanceType: z.literal('InMageRcm'),
  vmwareSiteId: z.string().min(1),
  physicalSiteId: z.string().min(1),
  sourceAgentIdentity: identity,
});
const migrationInput = z.object({
  instanceType: z.literal('VMwareV2'),
  vmwareSiteId: z.string().min(1).nullish(),
  physicalSiteId: z.string().min(1).nullish(),
  migrationSolutionId: z.string().min(1),
});

const SITE_TYPE = /\/providers\/Microsoft\.OffAzure\/VMwareSites\/[^/]+$/i;

function readSettings(
  shape: z.ZodType<{ instanceType: string; vmwareSiteId?: string | null | undefined }>,
  customDetails: unknown,
  name: string,
  vault: Vault,
): SettingsResult {
  const read = shape.safeParse(customDetails);
  if (!read.success) return { problem: z.prettifyError(read.error) };
  const { vmwareSiteId } = read.data;
  if (vmwareSiteId && !SITE_TYPE.test(vmwareSiteId))
    return { problem: `'${vmwareSiteId}' is not the id of a VMware site.` };
  const other = vault
    .fabrics()
    .find(
      (fabric) =>
        fabric.settings.instanceType === read.data.instanceType &&
        isSameName(String(fabric.settings['vmwareSiteId']), vmwareSiteId ?? '') &&
        !isSameName(fabric.name, name),
    );
  if (other) return { problem: `The fabric '${other.name}' already exists for this site.` };
  return { settings: read.data };
}

const noNetworks = {
  readNetworkMapping: () => ({ problem: 'The machines of this fabric have no network mappings.' }),
  networkDetails: () => ({ instanceType: '' }),
} as const;

/** A number that the service uses instead of a name. */
const digits = (...words: readonly string[]): string =>
  BigInt(`0x${guidOf(...words).slice(0, 8)}`).toString();

const serviceAddress = (vault: Vault, part: string): string =>
  `https://pod01-${part}.${vault.location}.hypervrecoverymanager.windowsazure.com`;

const serviceDetails = (fabric: FabricRecord, vault: Vault) => ({
  serviceEndpoint: serviceAddress(vault, 'srs1'),
  serviceResourceId: digits('resource', vault.key),
  serviceContainerId: digits('container', vault.key, fabric.name),
});

/** The service names the container after the vault and the fabric. */
const containerName = (vault: Vault, fabric: FabricRecord): string =>
  `${vault.name.slice(0, 10)}${guidOf(vault.key, fabric.name).slice(0, 4)}replicationcontainer`;

const serverUser: FabricKind['serverUser'] = ({ id }, _fabric, vault) =>
  vault
    .items()
    .filter(isVmware)
    .find(({ details }) => isSameName(details.serverId, id))?.name;

const NO_PARTS = applianceParts([], { now: 0 } as ServerView);

const healthErrors: FabricKind['healthErrors'] = ({ name }, vault, now) =>
  replicationServers(vault, name).flatMap((server) => serverHealth(server, { vault, now }).healthErrors);

export const applianceFabric: FabricKind = {
  ...noNetworks,
  instanceType: 'InMageRcm',
  fabricType: 'InMageRcm',
  readFabric: (customDetails, name, vault) => readSettings(applianceInput, customDetails, name, vault),
  fabricName: ({ name }) => name,
  /** A list omits the appliances. */
  fabricDetails: (fabric, vault, inList, now) => ({
    instanceType: 'InMageRcm',
    vmwareSiteId: fabric.settings['vmwareSiteId'],
    physicalSiteId: fabric.settings['physicalSiteId'],
    ...serviceDetails(fabric, vault),
    dataPlaneUri: `https://pod01-prot2.${vault.location}.backup.windowsazure.com`,
    controlPlaneUri: serviceAddress(vault, 'rcm1'),
    sourceAgentIdentityDetails: inList ? null : identityOf(vault, 'failbackagentauth'),
    ...(inList
      ? NO_PARTS
      : applianceParts(registeredServers(vault, fabric.name, SERVER_KINDS.appliance), { vault, now })),
  }),
  ownContainer(fabric, vault) {
    const name = containerName(vault, fabric);
    return { name, fabric: fabric.name, own: { friendlyName: name } };
  },
  servicesProviders: ({ name }, vault, now): ServicesProvider[] =>
    registeredServers(vault, name, SERVER_KINDS.appliance).map((server) => ({
      name: applianceProviderName(server),
      properties: registrationProperties(server, 'InMageRcm', { vault, now }),
      server,
    })),
  healthErrors,
  serverUser,
  /** The machines of an appliance are in the list of its discovery, not in the vault. */
  protectableItems: (): ProtectableItem[] => [],
  createdWithMapping,
};

const itemsThrough = (vault: Vault, fabric: string, serverId: string): VmwareItem[] =>
  vault
    .items()
    .filter(isVmware)
    .filter(
      ({ place, details }) => isSameName(place.fabric, fabric) && isSameName(details.serverId, serverId),
    );

const classicServers = (vault: Vault, fabric: string) =>
  replicationServers(vault, fabric).map((server) => {
    const items = itemsThrough(vault, fabric, server.id);
    const disks = items.reduce((sum, { details }) => sum + details.disks.length, 0);
    return { server, machines: items.length, disks };
  });

const configurationServerOf = (vault: Vault, fabric: string) =>
  registeredServers(vault, fabric, SERVER_KINDS.configurationServer)[0];

/** The registration of a configuration server creates the fabric. No client can create it. */
export const configurationServerFabric: FabricKind = {
  ...noNetworks,
  instanceType: 'VMware',
  fabricType: 'VMware',
  readFabric: () => ({
    problem: 'Register the configuration server with the key of the vault: that creates the fabric.',
  }),
  fabricName: ({ name, settings }) =>
    typeof settings['friendlyName'] === 'string' ? settings['friendlyName'] : name,
  fabricDetails(fabric, vault, _inList, now) {
    const own = configurationServerOf(vault, fabric.name);
    return {
      instanceType: 'VMware',
      ...(own && configurationServerDetails(own, classicServers(vault, fabric.name), { vault, now })),
    };
  },
  ownContainer: (fabric, vault) => ({
    name: `cloud_${guidOf(vault.key, 'fabric', fabric.name)}`,
    fabric: fabric.name,
    own: { friendlyName: configurationServerFabric.fabricName(fabric, vault) },
  }),
  servicesProviders(fabric, vault, now): ServicesProvider[] {
    const own = configurationServerOf(vault, fabric.name);
    const properties = own && registrationProperties(own, 'VMware', { vault, now });
    return properties ? [{ name: own.id, properties, server: own }] : [];
  },
  healthErrors,
  serverUser,
  protectableItems,
  createdWithMapping,
};

/** A fabric of Azure Migrate. The simulator migrates nothing: such a fabric only exists. */
export const migrationFabric: FabricKind = {
  ...noNetworks,
  instanceType: 'VMwareV2',
  fabricType: 'VMwareV2',
  readFabric: (customDetails, name, vault) => readSettings(migrationInput, customDetails, name, vault),
  fabricName: ({ name }) => name,
  fabricDetails: (fabric, vault) => ({
    instanceType: 'VMwareV2',
    vmwareSiteId: fabric.settings['vmwareSiteId'] ?? null,
    physicalSiteId: fabric.settings['physicalSiteId'] ?? null,
    migrationSolutionId: fabric.settings['migrationSolutionId'],
    ...serviceDetails(fabric, vault),
    processServers: [],
  }),
  ownContainer: () => undefined,
  servicesProviders: (): ServicesProvider[] => [],
  protectableItems: (): ProtectableItem[] => [],
};

export const vmwareFabricKinds: FabricKinds = Object.fromEntries(
  [applianceFabric, configurationServerFabric, migrationFabric].map((kind) => [kind.instanceType, kind]),
);
