// The table of who may do what, for people. It is written from the data that doors ask, so the two
// cannot differ.
import { OPEN_ROUTES, OPERATION_ROLES, ROUTE_ROLES, SIGNED_ROUTES } from './roles.ts';
import { Role } from '../core/role.ts';

const ROLES = Object.values(Role);

/** As Markdown: a row for each route, then one for each operation of a command, a column for each role. */
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

const table = (what: string, rows: readonly (readonly [string, readonly string[], string])[]): string =>
  [
    `| ${what} | ${ROLES.join(' | ')} | without a token |`,
    `| --- |${' --- |'.repeat(ROLES.length + 1)}`,
    ...rows.map(([name, yes, others]) => `| \`${name}\` | ${yes.join(' | ')} | ${others} |`),
  ].join('\n');
