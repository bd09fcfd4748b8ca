// Writes the state diagrams of job, step and attempt into ARCHITECTURE.md, between their marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ATTEMPT_TRANSITIONS } from '../shared/core/states/attempt.ts';
import { JOB_TRANSITIONS } from '../shared/core/states/job.ts';
import { STEP_TRANSITIONS } from '../shared/core/states/step.ts';
import { statesWhere, type Transitions } from '../shared/core/states/transitions.ts';
import { replaceMarkedSection } from './marked-section.ts';

/** A Mermaid diagram. `initial`: the states in which a document is created. */
export function renderStateDiagram<State extends string>(
  transitions: Transitions<State, string>,
  initial: readonly State[],
): string {
  const isEnd = (next: object): boolean => Object.keys(next).length === 0;
  const moves = Object.entries<Readonly<Partial<Record<string, readonly string[]>>>>(transitions).flatMap(
    ([from, next]) =>
      Object.entries(next).map(([to, causes = []]) => `  ${from} --> ${to}: ${causes.join(', ')}`),
  );
  return [
    '```mermaid',
    'stateDiagram-v2',
    ...initial.map((state) => `  [*] --> ${state}`),
    ...moves,
    ...statesWhere<State, object>(transitions, isEnd).map((state) => `  ${state} --> [*]`),
    '```',
  ].join('\n');
}

const DIAGRAMS: Readonly<Record<string, string>> = {
  'job-states': renderStateDiagram(JOB_TRANSITIONS, ['accepted']),
  'step-states': renderStateDiagram(STEP_TRANSITIONS, ['planned', 'waiting']),
  'attempt-states': renderStateDiagram(ATTEMPT_TRANSITIONS, ['prepared', 'sending']),
};

/** The document with the diagrams as the tables of shared/core/states are now. */
export const renderStates = (document: string): string =>
  Object.entries(DIAGRAMS).reduce(
    (text, [mark, diagram]) => replaceMarkedSection(text, mark, diagram),
    document,
  );

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'ARCHITECTURE.md');
  writeFileSync(path, renderStates(readFileSync(path, 'utf8')));
}
