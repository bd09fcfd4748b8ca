// Renders the tables of roles for the documentation. The tables come from the data that the routes
// check, so both always agree.
import { OPEN_ROUTES, OPERATION_ROLES, ROUTE_ROLES, SIGNED_ROUTES } from './roles.ts';
import { Role } from '../core/role.ts';

const ROLES = Object.values(Role);

/** Returns Markdown: one table of the routes and one of the operations, with a column for each role. */
export function renderRolesTable(): string {
  const anybody = [...OPEN_ROUTES].map((route) => [route, ROLES.map(() => 'yes'), 'anybody'] as const);
  const signed = [...SIGNED_ROUTES].map((route) => [route, ROLES.map(() => ''), 'who has a key'] as const);
  const routes = Object.entries(ROUTE_ROLES).map(([route, roles]) => [route, roleCells(roles), ''] as const);
  const operations = Object.entries(OPERATION_ROLES).map(
    ([operation, roles]) => [operation, roleCells(roles), ''] as const,
  );
  return [table('route', [...anybody, ...signed, ...routes]), table('operation', operations)].join('\n\n');
}

const roleCells = (allowed: readonly Role[]): string[] =>
  ROLES.map((role) => (allowed.includes(role) ? 'yes' : ''));

const table = (
  firstColumn: string,
  rows: readonly (readonly [string, readonly string[], string])[],
): string =>
  [
    `| ${firstColumn} | ${ROLES.join(' | ')} | without a token |`,
    `| --- |${' --- |'.repeat(ROLES.length + 1)}`,
    ...rows.map(([name, yes, others]) => `| \`${name}\` | ${yes.join(' | ')} | ${others} |`),
  ].join('\n');
