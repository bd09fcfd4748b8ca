// Checks names within an environment: names must be unique, and every referenced name must exist.

export type IssuePath = readonly (string | number)[];
/** Reports one error at a path of the environment. */
export type ReportIssue = (path: (string | number)[], message: string) => void;

/** The names of one kind of resource, for many lookups. */
export class NameSet {
  readonly #kind: string;
  readonly #names: ReadonlySet<string>;

  constructor(kind: string, names: Iterable<string>) {
    this.#kind = kind;
    this.#names = new Set(names);
  }

  require(name: string | undefined, path: IssuePath, report: ReportIssue): void {
    if (name === undefined || this.#names.has(name)) return;
    const known = [...this.#names].slice(0, 20);
    const more = this.#names.size - known.length;
    report(
      [...path],
      `no ${this.#kind} named "${name}" (there is: ` +
        `${known.join(', ') || 'none'}${more > 0 ? ` and ${more} more` : ''})`,
    );
  }
}

export const namesOf = (resources: readonly { name: string }[]): string[] =>
  resources.map((resource) => resource.name);
export const nameSet = (kind: string, resources: readonly { name: string }[]): NameSet =>
  new NameSet(kind, namesOf(resources));

/** Azure ignores the case of names, so two equal names of one kind would be the same resource. */
export function requireUnique(
  kind: string,
  names: readonly string[],
  path: IssuePath,
  report: ReportIssue,
): void {
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (seen.has(name.toLowerCase())) report([...path, index, 'name'], `a second ${kind} named "${name}"`);
    seen.add(name.toLowerCase());
  }
}
