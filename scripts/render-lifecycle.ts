// Writes the table of what is allowed when into ARCHITECTURE.md, between its marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lifecycleTable } from '../shared/scenarios/lifecycleTable.ts';
import { writtenBetween } from './between.ts';

/** The document with the table as it is now. */
export const rendered = (document: string): string => writtenBetween(document, 'lifecycle', lifecycleTable());

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'ARCHITECTURE.md');
  writeFileSync(path, rendered(readFileSync(path, 'utf8')));
}
