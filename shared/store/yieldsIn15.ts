// The migration to schema 15: a drill hands over single VMs, not all of its VMs at once. Reads of
// schema 14 documents call it.
type Shape = Readonly<Record<string, unknown>>;

/**
 * The migration steps from schema 14 to 15, by document type. An older request names no VMs, so it
 * hands over none: the drill then cleans up all its VMs itself.
 */
export const YIELDS_IN_15: Readonly<Record<string, (older: Shape) => Shape>> = {
  control: (control) => ({
    yields: [],
    ...Object.fromEntries(Object.entries(control).filter(([name]) => name !== 'yieldTo')),
  }),
};
