// docs/figures.md contains the output of the benchmarks, and nothing else.
import { readFigures, readFiguresPage, renderFigures } from '../../scripts/render-figures.ts';

test('the page of figures comes from the file that the benchmarks write', () => {
  const figures = readFigures();
  expect(Object.keys(figures)).toEqual(expect.arrayContaining(['plan', 'routes']));
  for (const { rows } of Object.values(figures)) expect(rows.length).toBeGreaterThan(0);
  expect(readFiguresPage()).toBe(renderFigures(figures));
});

test('a table turns on its side when it has more figures than rows', () => {
  const kept = (rows: Record<string, unknown>[]) =>
    renderFigures({ one: { measuredOn: 'a day', machine: 'a machine', rows } })
      .split('\n')
      .filter((line) => line.startsWith('|'));
  expect(
    kept([
      { what: 'a|b', p50: 1 },
      { what: 'c', p50: null },
    ]),
  ).toEqual(['| what | p50 |', '|---|---|', '| a\\|b | 1 |', '| c |  |']);
  expect(kept([{ vms: 10, writes: 1, lag: 2.5 }])).toEqual([
    '| vms | 10 |',
    '|---|---|',
    '| writes | 1 |',
    '| lag | 2.5 |',
  ]);
});
