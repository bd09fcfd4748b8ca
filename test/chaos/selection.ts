// The parts and the runs that a chaos run plays. A selection of nothing would prove nothing, so it
// is refused.

export const PARTS = [
  'seeds',
  'boundaries',
  'relay',
  'enabling',
  'plans',
  'badDays',
  'inprocess',
  'fuzz',
] as const;
export type Part = (typeof PARTS)[number];

/** The parts that `--only` selects; left out: all. */
export function selectParts(only: string | undefined): readonly Part[] {
  if (only === undefined) return PARTS;
  const part = PARTS.find((name) => name === only);
  if (!part) throw new Error(`--only must be one of ${PARTS.join(', ')}, not "${only}".`);
  return [part];
}

/** The runs that `--deaths` selects by their numbers, such as 3 or 1-80; left out: all. */
export function selectRuns<Run>(runs: readonly Run[], deaths: string | undefined): readonly Run[] {
  if (deaths === undefined) return runs;
  const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(deaths) ?? [];
  const selected = runs.slice(Math.max(Number(first) - 1, 0), Number(last));
  if (Number(first) < 1 || Number(last) > runs.length || selected.length === 0)
    throw new Error(`--deaths must be a number or a range from 1 to ${runs.length}, not "${deaths}".`);
  return selected;
}

/** The scenarios that `--scenario` selects; left out: all. */
export function selectScenarios<Name extends string>(
  names: readonly Name[],
  wanted: string | undefined,
): readonly Name[] {
  if (wanted === undefined) return names;
  const found = names.find((name) => name === wanted);
  if (found === undefined) throw new Error(`--scenario must be one of ${names.join(', ')}, not "${wanted}".`);
  return [found];
}
