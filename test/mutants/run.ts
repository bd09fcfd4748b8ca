// `npm run mutants`: see README.md beside this file.
import { parseArgs } from 'node:util';
import { faultsOf } from './check.ts';
import { endAll } from './copy.ts';
import type { Mutant } from './mutant.ts';
import { play, type Verdict } from './play.ts';
import { sampleOf } from './sample.ts';
import { TABLE } from './table.ts';

const USAGE =
  'npm run mutants -- [--only THEME-OR-ID]... [--sample COUNT] [--workers COUNT] [--check | --list]';
const WORDS = {
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

const ALL = Object.values(TABLE).flat();

function named(only: string): readonly Mutant[] {
  const found = TABLE[only] ?? ALL.filter(({ id }) => id === only);
  if (found.length === 0)
    throw new Error(`No theme and no mutant is named "${only}". Themes: ${Object.keys(TABLE).join(', ')}.`);
  return found;
}

function asked(only: readonly string[] | undefined, sample: string | undefined): readonly Mutant[] {
  const some = only === undefined ? ALL : [...new Set(only.flatMap(named))];
  return sample === undefined ? some : sampleOf(some, count('sample', sample));
}

function list(mutants: readonly Mutant[]): void {
  for (const { id, file, why, test } of mutants)
    say(`${id} (${file})\n  ${why}\n  ${test.file}: ${test.name}`);
}

const tell = ({ mutant: { id }, is, why }: Verdict): void => say(`${WORDS[is]}  ${id}: ${why}`);

function summary(verdicts: readonly Verdict[]): boolean {
  const of = (is: Verdict['is']): Verdict[] => verdicts.filter((verdict) => verdict.is === is);
  const played = verdicts.length - of('equivalent').length;
  const score = played === 0 ? 100 : Math.floor((100 * of('killed').length) / played);
  say(
    `\n${of('killed').length} of ${played} mutants killed: score ${score} %. ` +
      `${of('equivalent').length} equivalent.`,
  );
  for (const verdict of [...of('survived'), ...of('broken')]) tell(verdict);
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
  const mutants = asked(values.only, values.sample);
  if (values.list) {
    list(mutants);
    return true;
  }
  const faults = faultsOf(mutants);
  for (const fault of faults) say(fault);
  if (faults.length > 0) throw new Error(`${faults.length} faults in the table. Nothing was played.`);
  say(`${mutants.length} mutants: each text stands once, and each test is there.`);
  return values.check === true || summary(await play(mutants, count('workers', values.workers), tell));
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

process.once('exit', endAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
