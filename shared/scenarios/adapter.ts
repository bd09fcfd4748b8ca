// Implements the SiteRecovery interface for one vault with the SDK. Reads return Lifeboat's types.
// Each write returns only the answer to that write.
import type { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import { collectAll, recoveryServicesClient, undefinedIfNotFound, writeClients } from '../azure/clients.ts';
import { sendOnce, type SendOptions } from '../azure/sendOnce.ts';
import { itemAddressOf, nameOf, regionName, vaultAddressOf } from '../core/armId.ts';
import type { PhaseOperation } from '../core/operations.ts';
import { collectItemPages } from '../siterecovery/itemListCache.ts';
import type { ReplicatedItem } from '../siterecovery/item.ts';
import type { GroupWriteRequest, SiteRecovery, WriteRequest } from '../siterecovery/siteRecovery.ts';
import { toJob, toJobEntry, toRecoveryPoint } from '../siterecovery/fromSdk.ts';
import type { GroupWrite, VaultName, ItemWrite } from './driver.ts';
import { scenarioNotSupported, requireCapabilities, readItem } from './drivers.ts';

/** Returns the access to Site Recovery for this vault. */
export async function siteRecoveryClientFor(vaultArmId: string): Promise<SiteRecovery> {
  const { subscription, resourceGroup, vault } = vaultAddressOf(vaultArmId);
  const client = await writeClients.siteRecovery(subscription);
  const vaultName = { resourceGroup, vault };
  return {
    listItems: async () =>
      withVaultRegion(
        vaultArmId,
        (await collectItemPages(vaultArmId, client.replicationProtectedItems.list(vault, resourceGroup)))
          .map(readItem)
          .filter((item) => item !== undefined),
      ),
    async readItem(armId) {
      const { fabric, container, name } = itemAddressOf(armId);
      const found = await undefinedIfNotFound(
        client.replicationProtectedItems.get(vault, resourceGroup, fabric, container, name),
      );
      const item = found && readItem(found);
      return item && (await withVaultRegion(vaultArmId, [item]))[0];
    },
    listJobs: async () =>
      (await collectAll(client.replicationJobs.list(vault, resourceGroup))).map(toJobEntry),
    async readJob(id) {
      const found = await undefinedIfNotFound(client.replicationJobs.get(vault, resourceGroup, id));
      return found && toJob(found);
    },
    async listRecoveryPoints(itemId) {
      const { fabric, container, name } = itemAddressOf(itemId);
      return (
        await collectAll(
          client.recoveryPoints.listByReplicationProtectedItems(
            vault,
            resourceGroup,
            fabric,
            container,
            name,
          ),
        )
      ).map(toRecoveryPoint);
    },
    findPrerequisite: async (scenario, id, spec) =>
      undefinedIfNotFound(requireCapabilities(scenario).prerequisites.find(client, vaultName, id, spec)),
    sendWrite: (request, clientRequestId, deadline) =>
      sendOnce(clientRequestId, deadline, (options) => sendItemWrite(request, client, vaultName, options)),
    readNativePlanOperations: async (id) =>
      (await undefinedIfNotFound(client.replicationRecoveryPlans.get(vault, resourceGroup, nameOf(id))))
        ?.properties?.allowedOperations,
    sendGroupWrite: (request, clientRequestId, deadline) =>
      sendOnce(clientRequestId, deadline, (options) =>
        requireGroupWrite(request)(client, vaultName, request, options),
      ),
    sendPrerequisite: (scenario, id, spec, clientRequestId, deadline) =>
      sendOnce(clientRequestId, deadline, (options) =>
        requireCapabilities(scenario).prerequisites.write(client, vaultName, id, spec, options),
      ),
  };
}

const vaultRegions = new Map<string, string>();
/** Machines on premises replicate to the region of the vault, which their items do not name. */
async function withVaultRegion(
  vaultArmId: string,
  items: readonly ReplicatedItem[],
): Promise<readonly ReplicatedItem[]> {
  if (items.every(hasRegion)) return items;
  const key = vaultArmId.toLowerCase();
  const region = vaultRegions.get(key) ?? (await readVaultRegion(vaultArmId));
  vaultRegions.set(key, region);
  return items.map((item) => (hasRegion(item) ? item : withRegion(item, region)));
}

/** The side in Azure has a resource group. */
const azureSideOf = ({ primary }: ReplicatedItem): 'primary' | 'recovery' =>
  primary.resourceGroupId === '' ? 'recovery' : 'primary';
const hasRegion = (item: ReplicatedItem): boolean => item[azureSideOf(item)].region !== '';

function withRegion(item: ReplicatedItem, region: string): ReplicatedItem {
  const side = azureSideOf(item);
  const isActiveInAzure = (side === 'recovery') === item.machines.failedOver;
  return {
    ...item,
    [side]: { ...item[side], region },
    machines: { ...item.machines, region: isActiveInAzure ? region : item.machines.region },
  };
}

async function readVaultRegion(vaultArmId: string): Promise<string> {
  const { subscription, resourceGroup, vault } = vaultAddressOf(vaultArmId);
  const found = await (await recoveryServicesClient(subscription)).vaults.get(resourceGroup, vault);
  return regionName(found.location);
}

function requireGroupWrite({ scenario, operation }: GroupWriteRequest): GroupWrite {
  const { writeGroup } = requireCapabilities(scenario);
  if (!writeGroup) throw scenarioNotSupported(scenario, `${operation} of a multi-VM group`);
  return writeGroup;
}

function sendItemWrite(
  request: WriteRequest,
  client: SiteRecoveryManagementClient,
  vaultName: VaultName,
  options: SendOptions,
): Promise<unknown> {
  const scenario = 'item' in request ? request.item.scenario : request.scenario;
  // Each write takes the request of its own operation. The compiler cannot follow this pairing
  // through the table, so the code needs a cast.
  const write = requireCapabilities(scenario).writes[request.operation] as
    ItemWrite<PhaseOperation> | undefined;
  if (!write) throw scenarioNotSupported(scenario, request.operation);
  return write(client, vaultName, request, options);
}
