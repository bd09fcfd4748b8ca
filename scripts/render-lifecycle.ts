// Writes the table of allowed operations into docs/concepts.md, between its marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderLifecycleTable } from '../shared/scenarios/lifecycleTable.ts';
import { replaceMarkedSection } from './marked-section.ts';

/** The document with the present table. */
export const renderLifecycle = (document: string): string =>
  replaceMarkedSection(document, 'lifecycle', renderLifecycleTable());

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'docs', 'concepts.md');
  writeFileSync(path, renderLifecycle(readFileSync(path, 'utf8')));
}
