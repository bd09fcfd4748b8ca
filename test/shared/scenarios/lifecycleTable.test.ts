// Checks that the document matches the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderLifecycle } from '../../../scripts/render-lifecycle.ts';
import { allowedOperations, driverOf } from '../../../shared/scenarios/drivers.ts';
import type { VmState } from '../../../shared/scenarios/lifecycle.ts';
import { renderLifecycleTable } from '../../../shared/scenarios/lifecycleTable.ts';

test('[OP-2] [OP-3] the table in docs/concepts.md is the one that routes ask', () => {
  const document = readFileSync(join(import.meta.dirname, '../../../docs/concepts.md'), 'utf8');
  expect(renderLifecycle(document)).toBe(document);
  expect(document).toContain(renderLifecycleTable());
  expect(renderLifecycle(document.replace('| failover |', '| failover, always |'))).toBe(document);
});

test('the render fails for a document without a place for the table [OP-2]', () => {
  expect(() => renderLifecycle('# Architecture')).toThrow('has no place for the table');
  expect(() => renderLifecycle('<!-- /lifecycle -->\n<!-- lifecycle -->\n')).toThrow(
    'has no place for the table',
  );
});

test('each cell lists the directions in which the state allows the operation [OP-2] [OP-3] [OP-5]', () => {
  const [ofAzure = ''] = renderLifecycleTable().split('\n\n**');
  const [, , head = '', , ...rows] = ofAzure.split('\n');
  const cells = (row: string): string[] =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const { lifecycle } = driverOf('azureToAzure');
  const states = cells(head).slice(1, -1) as VmState[];
  expect(states).toEqual(Object.keys(lifecycle));
  const table = new Map(
    rows.map((row) => {
      const [operation = '', ...rest] = cells(row);
      return [operation, rest] as const;
    }),
  );
  for (const [at, state] of states.entries()) {
    for (const direction of ['original', 'reversed'] as const) {
      const shown = [...table]
        .filter(([, row]) => row[at] === 'yes' || row[at] === direction)
        .map(([operation]) => operation);
      expect(shown.sort()).toEqual([...lifecycle[state][direction]].sort());
    }
  }
  const seen = {
    protectionState: 'Protected',
    activeLocation: 'Primary',
    allowedOperations: ['UnplannedFailover'],
  };
  expect(table.get('failback')?.[states.indexOf('protected')]).toBe(
    allowedOperations({ scenario: 'azureToAzure', direction: 'reversed', seen }).includes('failback')
      ? 'reversed'
      : '',
  );
});
