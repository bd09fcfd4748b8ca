// Chooses the mutants that play with every change. The mutated sources decide the choice, so the
// same source always gets the same mutants.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './check-table.ts';
import { startsTheApp, type Mutant } from './mutant.ts';

/** Chooses only among quick tests: a test that starts the app takes as long as ten others. */
export function pickSample(mutants: readonly Mutant[], count: number): Mutant[] {
  const quick = mutants.filter(({ test, equivalent }) => !startsTheApp(test) && equivalent === undefined);
  const files = [...new Set(mutants.map(({ file }) => file))].sort();
  const sources = digestOf(files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\0'));
  const drawn = quick.map((mutant) => ({ mutant, place: digestOf(`${sources} ${mutant.id}`) }));
  return drawn
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
