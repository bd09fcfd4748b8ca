// What a drill has changed where its test VMs came up, once it is cleaned up.

export interface InventoryDifference {
  /** There now and not before, and named after a VM of the drill. */
  readonly left: readonly string[];
  /** There now and not before, by its name nobody's of the drill: others work there too. */
  readonly appeared: readonly string[];
  /** There before, and not now. */
  readonly removed: readonly string[];
}

/**
 * By resource id, in any casing. A resource is taken to be of the drill when its name has a VM's
 * name in it.
 */
export function compareInventories(
  before: readonly string[],
  after: readonly string[],
  vmNames: readonly string[],
): InventoryDifference {
  const [idsBefore, idsAfter] = [new Set(before.map(toLowerText)), new Set(after.map(toLowerText))];
  const names = vmNames.map(toLowerText);
  const isOfDrill = (id: string): boolean => {
    const last = id.split('/').at(-1) ?? '';
    return names.some((name) => last.includes(name));
  };
  const newIds = [...idsAfter.difference(idsBefore)].sort();
  return {
    left: newIds.filter(isOfDrill),
    appeared: newIds.filter((id) => !isOfDrill(id)),
    removed: [...idsBefore.difference(idsAfter)].sort(),
  };
}

const toLowerText = (text: string): string => text.toLowerCase();
