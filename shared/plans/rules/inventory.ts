// Compares the resources of a resource group before a drill and after its clean-up.

/** The differences between two inventories, as resource ids. */
export interface InventoryDifference {
  /** New resources, named after a VM of the drill. */
  readonly left: readonly string[];
  /** New resources with other names: other persons work in the resource group too. */
  readonly appeared: readonly string[];
  /** Resources that have disappeared. */
  readonly removed: readonly string[];
}

/**
 * Compares resource ids without regard to case. A resource counts as part of the drill if its name
 * contains the name of a VM.
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
