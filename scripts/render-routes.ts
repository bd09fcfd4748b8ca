// Writes the tables of the routes, and of who may use them, into docs/api.md, each between its marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderRolesTable } from '../shared/access/rolesTable.ts';
import { routesTable } from '../shared/api/routes/routesTable.ts';
import { replaceMarkedSection } from './marked-section.ts';

/** The document with the tables as they are now. */
export const renderRoutes = (document: string): string =>
  replaceMarkedSection(replaceMarkedSection(document, 'routes', routesTable()), 'roles', renderRolesTable());

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'docs', 'api.md');
  writeFileSync(path, renderRoutes(readFileSync(path, 'utf8')));
}
