// Writes the tables of the routes, and of who may use them, into docs/api.md, each between its marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolesTable } from '../shared/access/rolesTable.ts';
import { routesTable } from '../shared/api/api/table.ts';
import { writtenBetween } from './between.ts';

/** The document with the tables as they are now. */
export const rendered = (document: string): string =>
  writtenBetween(writtenBetween(document, 'routes', routesTable()), 'roles', rolesTable());

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'docs', 'api.md');
  writeFileSync(path, rendered(readFileSync(path, 'utf8')));
}
