// With each change: checks that the whole table is valid, and plays a few of its mutants.
import { findTableFaults } from './check-table.ts';
import type { Mutant } from './mutant.ts';
import { testMutants } from './test-mutants.ts';
import { pickSample } from './pick-sample.ts';
import { TABLE } from './table.ts';

const ALL = Object.values(TABLE).flat();
const PLAYED = 4;

test('each text of the table occurs exactly once, and each test exists', () => {
  expect(findTableFaults(ALL)).toEqual([]);
  expect(ALL.length).toBeGreaterThan(45);
});

test('the tests kill a few mutants that the guarded sources select', async () => {
  const sample = pickSample(ALL, PLAYED);
  expect(sample).toHaveLength(PLAYED);
  expect(pickSample(ALL, PLAYED)).toEqual(sample);
  const verdicts = await testMutants(sample, 1);
  expect(
    verdicts
      .filter(({ outcome }) => outcome !== 'killed')
      .map(({ mutant, outcome, reason }) => `${mutant.id}: ${outcome}: ${reason}`),
  ).toEqual([]);
}, 300_000);

const RULES = 'test/shared/attempts/attemptRules.test.ts';
const mutant = (change: Partial<Mutant>): Mutant => ({
  id: 'one',
  file: 'shared/attempts/rules/attemptRules.ts',
  find: 'export const MAX_LOST_ATTEMPTS = 10;',
  replace: 'export const MAX_LOST_ATTEMPTS = 9;',
  reason: 'Nothing.',
  test: { file: RULES, name: 'an allowed operation starts' },
  ...change,
});

test('an unseen mutant survives, and a mutant without exactly one runnable test is broken', async () => {
  const verdicts = await testMutants(
    [
      mutant({}),
      mutant({ replace: 'export const MAX_LOST_ATTEMPTS = ;' }),
      mutant({ test: { file: RULES, name: 'no test is named so' } }),
      mutant({ test: { file: RULES, name: 'a job' } }),
      mutant({ equivalent: 'Nobody can see this.' }),
    ],
    1,
  );
  expect(verdicts.map(({ outcome }) => outcome)).toEqual([
    'survived',
    'broken',
    'broken',
    'broken',
    'equivalent',
  ]);
}, 300_000);

test('the check reports all faults of a table at once, each by the name of its mutant', () => {
  const faults = findTableFaults([
    mutant({}),
    mutant({ find: 'not there at all' }),
    mutant({ id: 'two', find: 'return' }),
    mutant({ id: 'three', replace: 'export const MAX_LOST_ATTEMPTS = 10;' }),
    mutant({ id: 'four', file: 'shared/nowhere.ts' }),
    mutant({ id: 'five', test: { file: RULES, name: 'no test is named so' } }),
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
