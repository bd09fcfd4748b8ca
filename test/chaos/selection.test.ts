// A chaos run that selects nothing must not pass.
import { PARTS, selectParts, selectRuns, selectScenarios } from './selection.ts';

test('a range of deaths selects its runs', () => {
  const runs = ['a', 'b', 'c', 'd'];
  expect(selectRuns(runs, undefined)).toEqual(runs);
  expect(selectRuns(runs, '1-4')).toEqual(runs);
  expect(selectRuns(runs, '2-3')).toEqual(['b', 'c']);
  expect(selectRuns(runs, '4')).toEqual(['d']);
});

test.each(['5', '5-9', '3-5', '0-2', '3-2', 'x', '', '1-', '-2'])(
  'a range beyond the runs, or no range, is refused: %j',
  (deaths) => {
    expect(() => selectRuns(['a', 'b', 'c', 'd'], deaths)).toThrow(
      `--deaths must be a number or a range from 1 to 4, not "${deaths}".`,
    );
  },
);

test('an unknown part is refused', () => {
  expect(selectParts(undefined)).toEqual(PARTS);
  expect(selectParts('plans')).toEqual(['plans']);
  expect(() => selectParts('plan')).toThrow('--only must be one of seeds, ');
});

test('an unknown scenario is refused', () => {
  expect(selectScenarios(['a', 'b'], undefined)).toEqual(['a', 'b']);
  expect(selectScenarios(['a', 'b'], 'b')).toEqual(['b']);
  expect(() => selectScenarios(['a', 'b'], 'c')).toThrow('--scenario must be one of a, b, not "c".');
});
