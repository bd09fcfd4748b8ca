// `npm run mutants`: see README.md beside this file.
import { parseArgs } from 'node:util';
import { findTableFaults } from './check-table.ts';
import { killAll } from './project-copy.ts';
import type { Mutant } from './mutant.ts';
import { testMutants, type Verdict } from './test-mutants.ts';
import { pickSample } from './pick-sample.ts';
import { TABLE } from './table.ts';

const USAGE =
  'npm run mutants -- [--only THEME-OR-ID]... [--sample COUNT] [--workers COUNT] [--check | --list]';
const OUTCOME_LABELS = {
  killed: 'killed    ',
  survived: 'SURVIVED  ',
  equivalent: 'equivalent',
  broken: 'BROKEN    ',
} as const;

const count = (name: string, text: string): number => {
  if (!/^[1-9]\d{0,2}$/.test(text))
    throw new Error(`--${name} takes a whole number from 1 to 999, not "${text}".`);
  return Number(text);
};

const ALL_MUTANTS = Object.values(TABLE).flat();

function mutantsNamed(only: string): readonly Mutant[] {
  const found = TABLE[only] ?? ALL_MUTANTS.filter(({ id }) => id === only);
  if (found.length === 0)
    throw new Error(`No theme and no mutant is named "${only}". Themes: ${Object.keys(TABLE).join(', ')}.`);
  return found;
}

function selectMutants(only: readonly string[] | undefined, sample: string | undefined): readonly Mutant[] {
  const named = only === undefined ? ALL_MUTANTS : [...new Set(only.flatMap(mutantsNamed))];
  return sample === undefined ? named : pickSample(named, count('sample', sample));
}

function printMutants(mutants: readonly Mutant[]): void {
  for (const { id, file, reason, test } of mutants)
    print(`${id} (${file})\n  ${reason}\n  ${test.file}: ${test.name}`);
}

const printVerdict = ({ mutant: { id }, outcome, reason }: Verdict): void =>
  print(`${OUTCOME_LABELS[outcome]}  ${id}: ${reason}`);

function printSummary(verdicts: readonly Verdict[]): boolean {
  const of = (is: Verdict['outcome']): Verdict[] => verdicts.filter((verdict) => verdict.outcome === is);
  const played = verdicts.length - of('equivalent').length;
  const score = played === 0 ? 100 : Math.floor((100 * of('killed').length) / played);
  print(
    `\n${of('killed').length} of ${played} mutants killed: score ${score} %. ` +
      `${of('equivalent').length} equivalent.`,
  );
  for (const verdict of [...of('survived'), ...of('broken')]) printVerdict(verdict);
  return of('killed').length === played;
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      sample: { type: 'string' },
      workers: { type: 'string', default: '1' },
      check: { type: 'boolean' },
      list: { type: 'boolean' },
    },
  });
  const mutants = selectMutants(values.only, values.sample);
  if (values.list) {
    printMutants(mutants);
    return true;
  }
  const faults = findTableFaults(mutants);
  for (const fault of faults) print(fault);
  if (faults.length > 0) throw new Error(`${faults.length} faults in the table. No mutant ran.`);
  print(`${mutants.length} mutants: each text occurs once, and each test exists.`);
  return (
    values.check === true ||
    printSummary(await testMutants(mutants, count('workers', values.workers), printVerdict))
  );
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);

process.once('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  print(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
