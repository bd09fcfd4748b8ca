// The state diagrams of ARCHITECTURE.md are those of the tables in shared/core/states.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderStateDiagram, renderStates } from '../../scripts/render-states.ts';

const document = readFileSync(join(import.meta.dirname, '..', '..', 'ARCHITECTURE.md'), 'utf8');

test('the state diagrams are up to date: node scripts/render-states.ts writes them', () => {
  expect(renderStates(document)).toBe(document);
  expect(renderStates(document.replace('accepted --> running: begin', 'accepted --> completed'))).toBe(
    document,
  );
});

test('a diagram has each transition with its causes, the first states and the last ones', () => {
  const diagram = renderStateDiagram<'open' | 'closed'>(
    { open: { closed: ['person', 'clock'] }, closed: {} },
    ['open'],
  );
  expect(diagram.split('\n').slice(2, -1)).toEqual([
    '  [*] --> open',
    '  open --> closed: person, clock',
    '  closed --> [*]',
  ]);
});
