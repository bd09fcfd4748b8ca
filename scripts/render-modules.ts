// Writes the modules of shared/ and their order into ARCHITECTURE.md, between its marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES } from '../modules.ts';
import { replaceMarkedSection } from './marked-section.ts';

const modulesTable = (): string =>
  [
    '| module of `shared/` | holds |',
    '| --- | --- |',
    ...MODULES.map(([name, holds]) => `| ${name} | ${holds} |`),
  ].join('\n');

/** The document with the present list of modules. */
export const renderModules = (document: string): string =>
  replaceMarkedSection(document, 'modules', modulesTable());

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'ARCHITECTURE.md');
  writeFileSync(path, renderModules(readFileSync(path, 'utf8')));
}
