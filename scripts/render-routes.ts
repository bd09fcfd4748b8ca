// Writes the table of routes and the table of roles into docs/api.md, between their marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderRolesTable } from '../shared/access/rolesTable.ts';
import { routesTable } from '../shared/api/routes/routesTable.ts';
import { replaceMarkedSection } from './marked-section.ts';

/** The document with the present tables. */
export const renderRoutes = (document: string): string =>
  replaceMarkedSection(replaceMarkedSection(document, 'routes', routesTable()), 'roles', renderRolesTable());

if (import.meta.main) {
  const path = join(import.meta.dirname, '..', 'docs', 'api.md');
  writeFileSync(path, renderRoutes(readFileSync(path, 'utf8')));
}
