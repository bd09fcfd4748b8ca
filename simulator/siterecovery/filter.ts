// Parses `$filter` as far as Site Recovery's lists accept it: comparisons of a field with a value,
// joined by "and".

interface FilterClause {
  readonly field: string;
  readonly operator: string;
  readonly value: string;
}

/**
 * Reads a field by its name in lower case. A function returns undefined when the item lacks the
 * field.
 */
export type FilterFields<T> = Readonly<Record<string, (thing: T) => string | number | undefined>>;

function parseClauses(text: string): FilterClause[] | undefined {
  const clauses = text
    .split(/\s+and\s+/i)
    .map((part) =>
      /^\(?\s*(\w+)\s+(eq|ne|ge|gt|le|lt)\s+(?:datetime)?'?([^']*?)'?\s*\)?$/i.exec(part.trim()),
    );
  if (clauses.some((clause) => clause === null)) return undefined;
  return clauses.map((found) => ({
    field: (found?.[1] ?? '').toLowerCase(),
    operator: (found?.[2] ?? '').toLowerCase(),
    value: found?.[3] ?? '',
  }));
}

function matchesClause(have: string | number | undefined, { operator, value }: FilterClause): boolean {
  if (have === undefined) return operator === 'ne';
  const order =
    typeof have === 'number'
      ? have - Date.parse(value)
      : have.toLowerCase().localeCompare(value.toLowerCase());
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'ge':
      return order >= 0;
    case 'gt':
      return order > 0;
    case 'le':
      return order <= 0;
    default:
      return order < 0;
  }
}

/** Returns the matching items, or undefined when the filter contains something unknown. */
export function applyFilter<T>(
  things: readonly T[],
  text: string | null,
  fields: FilterFields<T>,
): readonly T[] | undefined {
  if (text === null || text.trim() === '') return things;
  const clauses = parseClauses(text);
  if (!clauses || clauses.some(({ field }) => !(field in fields))) return undefined;
  return things.filter((thing) =>
    clauses.every((clause) => matchesClause(fields[clause.field]?.(thing), clause)),
  );
}
