// What lies in resource groups.
import { resourceGroupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import { collectAll, undefinedIfNotFound, resourcesClient, mapLimited } from './clients.ts';
import { withReadFaults } from './readFaults.ts';

/** Ids in lower case, in order. A group that is not there is empty. */
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

/** Lists may show for a while what is gone: what VMs are made of is asked for by itself. */
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
