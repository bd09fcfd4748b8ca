// Checks that the document matches the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderRoutes } from '../../../scripts/render-routes.ts';
import { OPERATION_ROLES, ROUTE_ROLES } from '../../../shared/access/roles.ts';
import { Role } from '../../../shared/core/role.ts';
import { renderRolesTable } from '../../../shared/access/rolesTable.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8');

test('the tables of scripts/render-routes.ts in docs/api.md match the roles of the routes [RBAC-1]', () => {
  expect(renderRoutes(document)).toBe(document);
  expect(renderRoutes(document.replace('| `POST /api/v1/jobs` | yes', '| `POST /api/v1/jobs` | '))).toBe(
    document,
  );
});

test('each cell tells whether the role may call the route [RBAC-1]', () => {
  const rows = new Map(
    renderRolesTable()
      .split('\n')
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .map(([name = '', ...yes]) => [name.replaceAll('`', ''), yes] as const),
  );
  for (const [name, roles] of [...Object.entries(ROUTE_ROLES), ...Object.entries(OPERATION_ROLES)]) {
    expect([
      name,
      Object.values(Role)
        .filter((_role, at) => rows.get(name)?.[at] === 'yes')
        .sort(),
    ]).toEqual([name, [...roles].sort()]);
  }
});

test('operators change no protection, readers start nothing, alert senders only send alerts [RBAC-1]', () => {
  for (const operation of [
    'prepareVault',
    'enableReplication',
    'updateReplication',
    'disableReplication',
  ] as const)
    expect(OPERATION_ROLES[operation]).toEqual([Role.owner, Role.contributor]);
  for (const roles of Object.values(OPERATION_ROLES))
    for (const role of [Role.reader, Role.approver, Role.alerts]) expect(roles).not.toContain(role);
  expect(
    Object.entries(ROUTE_ROLES)
      .filter(([, roles]) => (roles as readonly string[]).includes(Role.alerts))
      .map(([route]) => route),
  ).toEqual(['POST /api/v1/alerts/azure-monitor']);
});
