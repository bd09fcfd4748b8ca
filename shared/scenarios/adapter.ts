// The port, through the SDK: reads as they are, and writes of which only the write's own answer is taken.
import type { SiteRecoveryManagementClient } from '@azure/arm-recoveryservices-siterecovery';
import { all, orUndefined, writing } from '../azure/clients.ts';
import { sendOnce, type SendOptions } from '../azure/send.ts';
import { addressOf, nameOf, vaultAddressOf } from '../core/armId.ts';
import type { PhaseOperation } from '../core/words.ts';
import { allPages } from '../siterecovery/itemListCache.ts';
import type { SiteRecovery, WriteRequest } from '../siterecovery/port.ts';
import { toJob, toJobEntry, toRecoveryPoint } from '../siterecovery/read.ts';
import type { At, Write } from './driver.ts';
import { notPossibleYet, performing, readItem } from './drivers.ts';

export async function siteRecoveryOf(vaultArmId: string): Promise<SiteRecovery> {
  const { subscription, resourceGroup, vault } = vaultAddressOf(vaultArmId);
  const client = await writing.siteRecovery(subscription);
  const at = { resourceGroup, vault };
  return {
    items: async () =>
      (await allPages(vaultArmId, client.replicationProtectedItems.list(vault, resourceGroup)))
        .map(readItem)
        .filter((item) => item !== undefined),
    async item(armId) {
      const { fabric, container, name } = addressOf(armId);
      const found = await orUndefined(
        client.replicationProtectedItems.get(vault, resourceGroup, fabric, container, name),
      );
      return found && readItem(found);
    },
    jobs: async () => (await all(client.replicationJobs.list(vault, resourceGroup))).map(toJobEntry),
    async job(id) {
      const found = await orUndefined(client.replicationJobs.get(vault, resourceGroup, id));
      return found && toJob(found);
    },
    async recoveryPoints(itemId) {
      const { fabric, container, name } = addressOf(itemId);
      return (
        await all(
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
    ground: async (scenario, id, spec) =>
      orUndefined(performing(scenario).prerequisites.find(client, at, id, spec)),
    send: (request, clientRequestId, deadline) =>
      sendOnce(clientRequestId, deadline, (options) => writeOf(request, client, at, options)),
    planAllows: async (id) =>
      (await orUndefined(client.replicationRecoveryPlans.get(vault, resourceGroup, nameOf(id))))?.properties
        ?.allowedOperations,
    sendGroup: (request, clientRequestId, deadline) =>
      sendOnce(clientRequestId, deadline, (options) =>
        performing(request.scenario).writeGroup(client, at, request, options),
      ),
    sendGround: (scenario, id, spec, clientRequestId, deadline) =>
      sendOnce(clientRequestId, deadline, (options) =>
        performing(scenario).prerequisites.write(client, at, id, spec, options),
      ),
  };
}

function writeOf(
  request: WriteRequest,
  client: SiteRecoveryManagementClient,
  at: At,
  options: SendOptions,
): Promise<unknown> {
  const scenario = 'item' in request ? request.item.scenario : request.scenario;
  // Each write takes the request of its own operation; that they belong together is more than the
  // compiler can follow through the table.
  const write = performing(scenario).writes[request.operation] as Write<PhaseOperation> | undefined;
  if (!write) throw notPossibleYet(scenario, request.operation);
  return write(client, at, request, options);
}
