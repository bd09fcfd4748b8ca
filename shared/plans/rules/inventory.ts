// What a drill has changed where its test VMs came up, once it is cleaned up.

export interface Difference {
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
export function differenceOf(
  before: readonly string[],
  after: readonly string[],
  vmNames: readonly string[],
): Difference {
  const [old, now] = [new Set(before.map(lower)), new Set(after.map(lower))];
  const names = vmNames.map(lower);
  const isOurs = (id: string): boolean => {
    const last = id.split('/').at(-1) ?? '';
    return names.some((name) => last.includes(name));
  };
  const fresh = [...now.difference(old)].sort();
  return {
    left: fresh.filter(isOurs),
    appeared: fresh.filter((id) => !isOurs(id)),
    removed: [...old.difference(now)].sort(),
  };
}

const lower = (text: string): string => text.toLowerCase();
