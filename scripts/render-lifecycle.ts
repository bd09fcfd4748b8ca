// Writes the table of what is allowed when into ARCHITECTURE.md, between its marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lifecycleTable } from '../shared/domain/lifecycleTable.ts';

const [BEGIN, END] = ['<!-- lifecycle -->\n', '\n<!-- /lifecycle -->'];

/** The document with the table as it is now. */
export function rendered(document: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END.trim())];
  if (begin < 0 || end < begin) throw new Error(`The document has no place for the table: ${BEGIN.trim()} and ${END.trim()} mark it.`);
  return document.slice(0, begin + BEGIN.length) + lifecycleTable() + END + document.slice(end + END.trim().length);
}

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'ARCHITECTURE.md');
  writeFileSync(path, rendered(readFileSync(path, 'utf8')));
}
