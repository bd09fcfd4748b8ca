// Reads the VMware sites of a vault: their servers, accounts and vCenters, and the machines that
// were discovered.
// The machines of an appliance stand in a VMware site of Azure Migrate, outside of the vault.
import type {
  Fabric,
  InMageDiskDetails,
  InMageRcmFabricSpecificDetails,
  ProtectableItem,
  ReplicationProtectedItem,
  SiteRecoveryManagementClient,
  VMwareVirtualMachineDetails,
} from '@azure/arm-recoveryservices-siterecovery';
import * as z from 'zod';
import type { RunAsAccount, SiteFacts, SiteMachine, SiteVCenter } from '../../../azure/facts.ts';
import { nameOf } from '../../../core/armId.ts';
import { Scenario } from '../../../core/scenario.ts';
import { sameId } from '../../../siterecovery/item.ts';
import { textOrNull } from '../../../siterecovery/fromSdk.ts';
import type { SiteReader, SiteReads } from '../../enabling/support.ts';
import { readItem } from '../readItem.ts';
import { classicAccounts, hostsOf, isClassicFabric, isVmwareFabric } from '../readServers.ts';

const collect = async <T>(list: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const entry of list) found.push(entry);
  return found;
};

type At = Parameters<SiteReader>[1];

/** Reads the sites among these fabrics. */
export const readSites: SiteReader = (client, at, fabrics, reads) =>
  Promise.all(fabrics.filter(isVmwareFabric).map((fabric) => readSite(client, at, fabric, reads)));

async function readSite(
  client: SiteRecoveryManagementClient,
  at: At,
  listed: Fabric,
  reads: SiteReads,
): Promise<SiteFacts> {
  const { vault, resourceGroup } = at;
  const name = listed.name ?? nameOf(listed.id ?? '');
  const [fabric, providers, containers] = await Promise.all([
    // A list omits the appliances.
    client.replicationFabrics.get(vault, resourceGroup, name),
    collect(client.replicationRecoveryServicesProviders.listByReplicationFabrics(vault, resourceGroup, name)),
    collect(client.replicationProtectionContainers.listByReplicationFabrics(vault, resourceGroup, name)),
  ]);
  const [container] = containers;
  const discovered = isClassicFabric(fabric)
    ? await readClassicSite(client, at, fabric, container?.name ?? '')
    : await readDiscovery(fabric, reads);
  return {
    id: fabric.id ?? '',
    name,
    scenario: Scenario.vmwareToAzure,
    containerId: container?.id ?? null,
    hosts: hostsOf(fabric, providers),
    isRetiring: isClassicFabric(fabric),
    ...discovered,
  };
}

type Discovered = Required<Pick<SiteFacts, 'accounts' | 'vCenters' | 'machines'>>;

async function readClassicSite(
  client: SiteRecoveryManagementClient,
  { vault, resourceGroup }: At,
  fabric: Fabric,
  container: string,
): Promise<Discovered> {
  const name = fabric.name ?? '';
  const [vCenters, machines] = await Promise.all([
    collect(client.replicationvCenters.listByReplicationFabrics(vault, resourceGroup, name)),
    collect(
      client.replicationProtectableItems.listByReplicationProtectionContainers(
        vault,
        resourceGroup,
        name,
        container,
      ),
    ),
  ]);
  return {
    accounts: classicAccounts(fabric),
    vCenters: vCenters.map((vCenter): SiteVCenter => ({
      name: vCenter.properties?.friendlyName ?? vCenter.name ?? '',
      address: vCenter.properties?.ipAddress ?? '',
      version: null,
    })),
    machines: machines.map(toClassicMachine),
  };
}

function toClassicMachine({ id = '', name, properties }: ProtectableItem): SiteMachine {
  const details = properties?.customDetails as Partial<VMwareVirtualMachineDetails> | undefined;
  return {
    id,
    name: properties?.friendlyName ?? name ?? nameOf(id),
    itemId: textOrNull(properties?.replicationProtectedItemId),
    generation: '',
    osType: osTypeOf(details?.osType),
    os: textOrNull(details?.osType),
    disks: (details?.diskDetails ?? []).map(toClassicDisk),
    readinessErrors: properties?.protectionReadinessErrors ?? [],
    unsupportedParts: [],
    isRunning: details?.poweredOn !== 'Off',
  };
}

const toClassicDisk = ({
  diskId = '',
  diskName = '',
  diskSizeInMB = '0',
}: InMageDiskDetails): SiteMachine['disks'][number] => ({
  id: diskId,
  name: diskName,
  sizeMb: Number(diskSizeInMB),
});

function osTypeOf(text: string | null | undefined): SiteMachine['osType'] {
  if (/^windows/i.test(text ?? '')) return 'Windows';
  return /^linux/i.test(text ?? '') ? 'Linux' : null;
}

const DISCOVERY_VERSION = '2020-01-01';
const text = z.string().nullish();
const Account = z.object({ id: z.string(), name: z.string() });
const VCenter = z.object({
  name: z.string(),
  properties: z.object({ fqdn: text, friendlyName: text, version: text }),
});
const Machine = z.object({
  id: z.string(),
  properties: z.object({
    displayName: z.string(),
    powerStatus: text,
    firmware: text,
    hostVersion: text,
    vCenterId: text,
    isDeleted: z.boolean().nullish(),
    errors: z.array(z.object({ message: text })).nullish(),
    operatingSystemDetails: z.object({ osType: text, osName: text, osVersion: text }).nullish(),
    disks: z
      .array(
        z.object({
          uuid: z.string(),
          label: text,
          name: text,
          path: text,
          maxSizeInBytes: z.number().nullish(),
        }),
      )
      .nullish(),
    networkAdapters: z
      .array(z.object({ nicId: z.string(), label: text, ipAddressList: z.array(z.string()).nullish() }))
      .nullish(),
  }),
});
type Machine = z.infer<typeof Machine>;

async function readDiscovery({ properties }: Fabric, { readList, items }: SiteReads): Promise<Discovered> {
  const site = (properties?.customDetails as InMageRcmFabricSpecificDetails).vmwareSiteId ?? '';
  if (site === '') return { accounts: [], vCenters: [], machines: [] };
  const [accounts, vCenters, machines] = await Promise.all(
    ['runasaccounts', 'vcenters', 'machines'].map((list) => readList(`${site}/${list}`, DISCOVERY_VERSION)),
  );
  return {
    accounts: z
      .array(Account)
      .parse(accounts)
      .map(({ id, name }): RunAsAccount => ({ id, name })),
    vCenters: z
      .array(VCenter)
      .parse(vCenters)
      .map(({ name, properties: { fqdn, friendlyName, version } }): SiteVCenter => ({
        name: friendlyName ?? name,
        address: fqdn ?? '',
        version: version ?? null,
      })),
    machines: z
      .array(Machine)
      .parse(machines)
      .filter(({ properties: { isDeleted } }) => !isDeleted)
      .map((machine) => toMachine(machine, items)),
  };
}

function toMachine(
  { id, properties: machine }: Machine,
  items: readonly ReplicationProtectedItem[],
): SiteMachine {
  return {
    id,
    name: machine.displayName,
    itemId: itemOf(id, machine.displayName, items)?.id ?? null,
    generation: machine.firmware?.toLowerCase() === 'efi' ? 'V2' : 'V1',
    osType: osTypeOf(machine.operatingSystemDetails?.osType),
    os: osOf(machine),
    disks: (machine.disks ?? []).map(({ uuid, label, path, name, maxSizeInBytes }) => ({
      id: uuid,
      name: diskNameOf(path) ?? label ?? name ?? uuid,
      sizeMb: Math.floor((maxSizeInBytes ?? 0) / 2 ** 20),
    })),
    readinessErrors: (machine.errors ?? []).flatMap(({ message }) => message ?? []),
    unsupportedParts: [],
    isRunning: machine.powerStatus?.toUpperCase() === 'ON',
    nics: (machine.networkAdapters ?? []).map(({ nicId, label, ipAddressList }) => ({
      id: nicId,
      name: label ?? nicId,
      address: ipAddressList?.[0] ?? null,
    })),
    vCenter: nameOf(machine.vCenterId ?? ''),
    ...(machine.hostVersion ? { hostVersion: machine.hostVersion } : {}),
  };
}

function osOf({ operatingSystemDetails: os }: Machine['properties']): SiteMachine['os'] {
  return textOrNull([os?.osName, os?.osVersion].filter(Boolean).join(' '));
}

/** The name of a disk's folder and file, such as `web/web.vmdk` of `[store] web/web.vmdk`. */
const diskNameOf = (path: string | null | undefined): string | undefined =>
  /\]\s*([^/]+)\//.exec(path ?? '')?.[1];

/** On the way home, an item names its machine, and not its id. */
const itemOf = (
  id: string,
  name: string,
  items: readonly ReplicationProtectedItem[],
): ReplicationProtectedItem | undefined =>
  items.find((raw) => {
    const item = readItem(raw);
    if (!item) return false;
    return sameId(item.sourceVmId, id) || (item.direction === 'reversed' && sameId(item.friendlyName, name));
  });
