// Lists the resources in resource groups. A drill compares the lists before and after its tests.
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import { collectAll, undefinedIfNotFound, resourcesClient, mapLimited } from './clients.ts';
import { withReadFaults } from './readFaults.ts';

/** Returns the sorted ids of the group's resources in lower case. A missing group has no resources. */
export async function listResourceIds(groupId: string): Promise<readonly string[]> {
  const list = async () =>
    collectAll(
      (await resourcesClient(subscriptionOf(groupId))).resources.listByResourceGroup(
        resourceGroupNameOf(groupId),
      ),
    );
  const found = await withReadFaults(`the resources of ${nameOf(groupId)}`, () =>
    undefinedIfNotFound(list()),
  );
  return (found ?? []).map(({ id = '' }) => id.toLowerCase()).sort();
}

const API_VERSIONS: readonly (readonly [RegExp, string])[] = [
  [/\/microsoft\.compute\/virtualmachines\//, '2024-07-01'],
  [/\/microsoft\.compute\/disks\//, '2024-03-02'],
  [/\/microsoft\.network\/networkinterfaces\//, '2024-05-01'],
];

/**
 * Returns the ids that still exist. Azure's lists may show removed resources for a while, so the
 * code reads each VM, disk and network interface.
 */
export async function filterExisting(ids: readonly string[]): Promise<readonly string[]> {
  const exists = await mapLimited(ids, async (id) => {
    const version = API_VERSIONS.find(([type]) => type.test(id))?.[1];
    if (version === undefined) return true;
    const found = await withReadFaults(id, async () =>
      undefinedIfNotFound(
        (await resourcesClient(subscriptionOf(id))).resources.getById(id.slice(1), version),
      ),
    );
    return found !== undefined;
  });
  return ids.filter((_id, index) => exists[index]);
}
