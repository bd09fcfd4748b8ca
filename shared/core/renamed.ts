// Values whose fields get other names.

/** The same value: at any depth, a field that is named here has its new name, at its old place. */
export function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((one) => renamed(one, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, of]) => [names.get(name) ?? name, renamed(of, names)]),
  );
}
