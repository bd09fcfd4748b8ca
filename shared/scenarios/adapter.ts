// The port, through the SDK: reads as they are, and writes of which only the write's own answer is taken.
import { addressOf, nameOf, vaultAddressOf } from '../core/armId.ts';
import { all, orUndefined, writing } from '../azure/clients.ts';
import { findGround, writeGround } from '../siterecovery/prerequisites.ts';
import { allPages } from '../siterecovery/itemListCache.ts';
import { writeGroup } from '../siterecovery/nativePlans.ts';
import type { SiteRecovery } from '../siterecovery/port.ts';
import { toItem, toJob, toJobEntry, toRecoveryPoint } from '../siterecovery/read.ts';
import { writeOf } from './scenarios.ts';
import { sendOnce } from '../azure/send.ts';

export async function siteRecoveryOf(vaultArmId: string): Promise<SiteRecovery> {
  const { subscription, resourceGroup, vault } = vaultAddressOf(vaultArmId);
  const client = await writing.siteRecovery(subscription);
  const at = { resourceGroup, vault };
  return {
    items: async () =>
      (await allPages(vaultArmId, client.replicationProtectedItems.list(vault, resourceGroup)))
        .map(toItem)
        .filter((item) => item !== undefined),
    async item(armId) {
      const { fabric, container, name } = addressOf(armId);
      const found = await orUndefined(
        client.replicationProtectedItems.get(vault, resourceGroup, fabric, container, name),
      );
      return found && toItem(found);
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
    ground: (id, spec) => orUndefined(findGround(client, at, id, spec)),
    send: (request, clientRequestId, deadline) =>
      sendOnce(clientRequestId, deadline, (options) => writeOf(request, client, at, options)),
    planAllows: async (id) =>
      (await orUndefined(client.replicationRecoveryPlans.get(vault, resourceGroup, nameOf(id))))?.properties
        ?.allowedOperations,
    sendGroup: (request, clientRequestId, deadline) =>
      sendOnce(clientRequestId, deadline, (options) => writeGroup(client, at, request, options)),
    sendGround: (id, spec, clientRequestId, deadline) =>
      sendOnce(clientRequestId, deadline, (options) => writeGround(client, at, id, spec, options)),
  };
}
