// Writes the modules of shared/ and their order into ARCHITECTURE.md, between its marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES } from '../modules.ts';
import { writtenBetween } from './between.ts';

const table = (): string =>
  [
    '| module of `shared/` | holds |',
    '| --- | --- |',
    ...MODULES.map(([name, holds]) => `| ${name} | ${holds} |`),
  ].join('\n');

/** The document with the list of modules as it is now. */
export const rendered = (document: string): string => writtenBetween(document, 'modules', table());

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'ARCHITECTURE.md');
  writeFileSync(path, rendered(readFileSync(path, 'utf8')));
}
