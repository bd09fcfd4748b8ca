// Finds the servers and the policy of a reprotect, in both directions. Site Recovery accepts a
// reprotect without them, and its job fails much later.
import type { Fabric, SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import type { SiteHost } from '../../azure/facts.ts';
import { itemAddressOf, vaultAddressOf } from '../../core/armId.ts';
import { Direction } from '../../core/operations.ts';
import { sameId, type ReplicatedItem } from '../../siterecovery/item.ts';
import type { ServerReprotectTarget } from '../../siterecovery/siteRecovery.ts';
import type { ReprotectSupport, VmSites, WayBack } from '../driver.ts';
import { formatList } from '../enabling/notes.ts';
import { goesHome, isForm, pairOf, type Form } from './instanceType.ts';
import { readItem } from './readItem.ts';
import { hostsOf, writersOf, type WriterServer } from './readServers.ts';

/** The account of the changes: the requested one, or the one that the VM uses already. */
const knownCacheFor = ({ sites }: VmSites, named: string | undefined): string | null =>
  named ?? sites.original.cacheStorageAccountId ?? sites.reversed.cacheStorageAccountId;

/** The facts about the way of a reprotect. */
export interface WayFacts {
  readonly hosts: readonly SiteHost[];
  readonly writers: readonly WriterServer[];
  /** The policies that are mapped to the container, with their forms. */
  readonly policies: readonly { readonly id: string; readonly form: string }[];
}

async function readWay(client: SiteRecoveryManagementClient, item: ReplicatedItem): Promise<WayFacts> {
  const { vault, resourceGroup } = vaultAddressOf(item.armId);
  const { fabric, container } = itemAddressOf(item.armId);
  const [found, providers, mappings, policies] = await Promise.all([
    client.replicationFabrics.get(vault, resourceGroup, fabric),
    collect(
      client.replicationRecoveryServicesProviders.listByReplicationFabrics(vault, resourceGroup, fabric),
    ),
    collect(
      client.replicationProtectionContainerMappings.listByReplicationProtectionContainers(
        vault,
        resourceGroup,
        fabric,
        container,
      ),
    ),
    collect(client.replicationPolicies.list(vault, resourceGroup)),
  ]);
  const mapped = new Set(mappings.map(({ properties }) => properties?.policyId?.toLowerCase() ?? ''));
  return {
    hosts: hostsOf(found satisfies Fabric, providers),
    writers: writersOf(found, providers),
    policies: policies
      .filter(({ id = '' }) => mapped.has(id.toLowerCase()))
      .map(({ id = '', properties }) => ({
        id,
        form: properties?.providerSpecificDetails?.instanceType ?? '',
      })),
  };
}

async function collect<T>(list: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const entry of list) found.push(entry);
  return found;
}

/** A server by its name, else the one that the VM uses now, else the first one in contact. */
function chooseServer<Server extends { readonly name: string; readonly connected: boolean }>(
  servers: readonly Server[],
  wanted: string | undefined,
  usedName: string,
): Server | undefined {
  if (wanted !== undefined) return servers.find(({ name }) => sameId(name, wanted));
  return (
    servers.find(({ name }) => sameId(name, usedName)) ??
    servers.find(({ connected }) => connected) ??
    servers[0]
  );
}

const lostContact = (what: string, { name }: { readonly name: string }, others: readonly string[]): string =>
  `The ${what} ${name} has no contact with Site Recovery. Start it` +
  `${others.length > 0 ? `, or name another in "wayBack": ${formatList(others)}` : ''}.`;

interface WayRequest {
  readonly form: Form;
  readonly usedServer: string;
  readonly logStorageAccountId: string | null;
  readonly wayBack: WayBack;
}

/** The target of the reprotect, or each missing part in words. Pure. */
export function chooseWay(
  { hosts, writers, policies }: WayFacts,
  { form, usedServer, logStorageAccountId, wayBack }: WayRequest,
): { readonly target: ServerReprotectTarget } | { readonly missing: readonly string[] } {
  const pair = pairOf(form);
  const leadsHome = !goesHome(form);
  const wantedForm = leadsHome ? pair.home : pair.toAzure;
  const missing: string[] = [];
  const policy = policies.find((candidate) => candidate.form === wantedForm);
  if (!policy)
    missing.push(
      leadsHome
        ? 'No failback policy is mapped to the container. Send "prepareVault" for the site: it makes the ' +
            'failback policy and its mapping.'
        : 'No policy to Azure is mapped to the container. Send "prepareVault" for the site.',
    );
  const host = chooseServer(hosts, leadsHome ? undefined : wayBack.server, usedServer);
  const writer = leadsHome ? chooseServer(writers, wayBack.server, usedServer) : undefined;
  const namesOf = (servers: readonly { readonly name: string; readonly connected: boolean }[]) =>
    servers.filter(({ connected }) => connected).map(({ name }) => name);
  if (leadsHome && !writer)
    missing.push(
      `No server that writes disks on premises is registered${
        wayBack.server === undefined ? '' : ` by the name "${wayBack.server}"`
      }. Registered are: ${formatList(writers.map(({ name }) => name))}.`,
    );
  if (writer && !writer.connected)
    missing.push(lostContact('server that writes the disks', writer, namesOf(writers)));
  if (!host)
    missing.push(
      `No server that passes the changes on is registered${
        wayBack.server === undefined ? '' : ` by the name "${wayBack.server}"`
      }. Registered are: ${formatList(hosts.map(({ name }) => name))}.`,
    );
  else if (!host.connected && host.name !== writer?.name)
    missing.push(lostContact('server that passes the changes on', host, namesOf(hosts)));
  const datastore = wayBack.datastore ?? writer?.datastores[0] ?? null;
  if (writer && (datastore === null || !writer.datastores.includes(datastore)))
    missing.push(
      `The server ${writer.name} reaches no datastore ${datastore === null ? '' : `"${datastore}"`}. ` +
        `It reaches: ${formatList(writer.datastores)}.`,
    );
  if (missing.length > 0 || !policy || !host) return { missing };
  return {
    target: {
      serverId: host.id ?? '',
      writerId: writer?.id ?? null,
      datastore: leadsHome ? datastore : null,
      retentionDrive: writer?.retentionDrive ?? null,
      logStorageAccountId: leadsHome ? logStorageAccountId : null,
      accountId: wayBack.account ?? null,
      policyId: policy.id,
    },
  };
}

const requestOf = (
  { instanceType, server }: ReplicatedItem,
  logStorageAccountId: string | null,
  wayBack: WayBack = {},
): WayRequest => {
  if (!isForm(instanceType)) throw new Error('The item has no form of a VMware VM.');
  return { form: instanceType, usedServer: server?.name ?? '', logStorageAccountId, wayBack };
};

const notReady = (missing: readonly string[]) => ({
  code: 'WayBackNotReady',
  message: `the way of the replication is not ready: ${missing.join(' ')}`,
});

export const reprotect: ReprotectSupport = {
  takesPlace: false,
  checksEveryReprotect: true,
  knownCacheFor,
  cacheToCreate: () => undefined,
  async findReprotectTarget(reads, vm, item, cacheStorageAccountId, { wayBack }) {
    const way = await readWay(await reads.siteRecoveryClientOf(item.armId), item);
    const account = vm.direction === Direction.original ? cacheStorageAccountId : null;
    const found = chooseWay(way, requestOf(item, account, wayBack));
    return 'missing' in found ? { wrongPlace: notReady(found.missing) } : found.target;
  },
  async checkPlace(reads, { armId }, { wayBack }) {
    const client = await reads.siteRecoveryClientOf(armId);
    const { vault, resourceGroup } = vaultAddressOf(armId);
    const { fabric, container, name } = itemAddressOf(armId);
    const item = readItem(
      await client.replicationProtectedItems.get(vault, resourceGroup, fabric, container, name),
    );
    if (!item) return undefined;
    const found = chooseWay(await readWay(client, item), requestOf(item, null, wayBack));
    return 'missing' in found ? notReady(found.missing) : undefined;
  },
};
