// What lies in resource groups.
import { groupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import { all, orUndefined, resources, someAtATime } from './clients.ts';
import { reading } from './faults.ts';

/** Ids in lower case, in order. A group that is not there is empty. */
export async function resourcesIn(groupId: string): Promise<readonly string[]> {
  const list = async () =>
    all((await resources(subscriptionOf(groupId))).resources.listByResourceGroup(groupNameOf(groupId)));
  const found = await reading(`the resources of ${nameOf(groupId)}`, () => orUndefined(list()));
  return (found ?? []).map(({ id = '' }) => id.toLowerCase()).sort();
}

const VERSIONS: readonly (readonly [RegExp, string])[] = [
  [/\/microsoft\.compute\/virtualmachines\//, '2024-07-01'],
  [/\/microsoft\.compute\/disks\//, '2024-03-02'],
  [/\/microsoft\.network\/networkinterfaces\//, '2024-05-01'],
];

/** Lists may show for a while what is gone: what VMs are made of is asked for by itself. */
export async function stillThere(ids: readonly string[]): Promise<readonly string[]> {
  const seen = await someAtATime(ids, async (id) => {
    const version = VERSIONS.find(([type]) => type.test(id))?.[1];
    if (version === undefined) return true;
    const found = await reading(id, async () =>
      orUndefined((await resources(subscriptionOf(id))).resources.getById(id.slice(1), version)),
    );
    return found !== undefined;
  });
  return ids.filter((_id, at) => seen[at]);
}
