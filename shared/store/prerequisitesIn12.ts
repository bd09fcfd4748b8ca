// The migration to schema 12: prerequisites, multi-VM groups and native plans have one name each.
// Reads of schema 11 documents call it. Each step leaves a document with the new names unchanged.
type Shape = Readonly<Record<string, unknown>>;

const FIELDS: ReadonlyMap<string, string> = new Map([
  ['part', 'prerequisite'],
  ['planId', 'nativePlanId'],
]);
const KINDS: ReadonlyMap<unknown, string> = new Map([
  ['group', 'multiVmGroup'],
  ['part', 'prerequisite'],
]);

const withKind = (shape: Shape): Shape => ({ ...shape, kind: KINDS.get(shape['kind']) ?? shape['kind'] });

/** Gives the work of a step its present names. A query of single fields needs it, too. */
export function migrateWork(work: Shape): Shape {
  const { kind } = withKind(work);
  if (kind !== 'multiVmGroup' && kind !== 'prerequisite') return work;
  return withKind(
    Object.fromEntries(Object.entries(work).map(([name, value]) => [FIELDS.get(name) ?? name, value])),
  );
}

const preview = (document: Shape): Shape => {
  const { parts, ...rest } = document['preview'] as Shape;
  return parts === undefined ? document : { ...document, preview: { ...rest, prerequisites: parts } };
};

/** The migration steps from schema 11 to 12, by document type. */
export const PREREQUISITES_IN_12: Readonly<Record<string, (older: Shape) => Shape>> = {
  step: (step) => ({ ...step, work: migrateWork(step['work'] as Shape) }),
  preview,
  news: (entry) =>
    String(entry['news']).startsWith('lifeboat.step.')
      ? { ...entry, data: withKind(entry['data'] as Shape) }
      : entry,
};
