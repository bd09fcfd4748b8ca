// With each change: the whole table is in order, and a few of its mutants are played.
import { faultsOf } from './check.ts';
import type { Mutant } from './mutant.ts';
import { play } from './play.ts';
import { sampleOf } from './sample.ts';
import { TABLE } from './table.ts';

const ALL = Object.values(TABLE).flat();
const PLAYED = 4;

test('each text of the table stands exactly once, and each test is there', () => {
  expect(faultsOf(ALL)).toEqual([]);
  expect(ALL.length).toBeGreaterThan(45);
});

test('a few mutants, chosen by the guarded sources, are killed', async () => {
  const sample = sampleOf(ALL, PLAYED);
  expect(sample).toHaveLength(PLAYED);
  expect(sampleOf(ALL, PLAYED)).toEqual(sample);
  const verdicts = await play(sample, 1);
  expect(
    verdicts.filter(({ is }) => is !== 'killed').map(({ mutant, is, why }) => `${mutant.id}: ${is}: ${why}`),
  ).toEqual([]);
}, 300_000);

const JUDGED = 'test/shared/attempts/attempt.test.ts';
const mutant = (change: Partial<Mutant>): Mutant => ({
  id: 'one',
  file: 'shared/attempts/rules/attempt.ts',
  find: 'export const MOST_LOST = 10;',
  replace: 'export const MOST_LOST = 9;',
  why: 'Nothing.',
  test: { file: JUDGED, name: 'an allowed operation starts' },
  ...change,
});

test('an unseen mutant survives, and a mutant without exactly one runnable test is broken', async () => {
  const verdicts = await play(
    [
      mutant({}),
      mutant({ replace: 'export const MOST_LOST = ;' }),
      mutant({ test: { file: JUDGED, name: 'no test is named so' } }),
      mutant({ test: { file: JUDGED, name: 'a job' } }),
      mutant({ equivalent: 'Nobody can see this.' }),
    ],
    1,
  );
  expect(verdicts.map(({ is }) => is)).toEqual(['survived', 'broken', 'broken', 'broken', 'equivalent']);
}, 300_000);

test('what is wrong with a table is told at once, each fault by the name of its mutant', () => {
  const faults = faultsOf([
    mutant({}),
    mutant({ find: 'not there at all' }),
    mutant({ id: 'two', find: 'return' }),
    mutant({ id: 'three', replace: 'export const MOST_LOST = 10;' }),
    mutant({ id: 'four', file: 'shared/nowhere.ts' }),
    mutant({ id: 'five', test: { file: JUDGED, name: 'no test is named so' } }),
    mutant({ id: 'six', test: { file: 'test/nowhere.test.ts', name: '' } }),
  ]);
  expect(faults.map((fault) => fault.split(':')[0])).toEqual([
    'one',
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
  ]);
});
