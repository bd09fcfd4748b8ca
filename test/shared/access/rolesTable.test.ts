// The document says what the code does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderRoutes } from '../../../scripts/render-routes.ts';
import { OPERATION_ROLES, ROUTE_ROLES } from '../../../shared/access/roles.ts';
import { Role } from '../../../shared/core/role.ts';
import { renderRolesTable } from '../../../shared/access/rolesTable.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8');

test('[RBAC-1] the tables in docs/api.md are those that doors ask: node scripts/render-routes.ts writes them', () => {
  expect(renderRoutes(document)).toBe(document);
  expect(renderRoutes(document.replace('| `POST /api/v1/jobs` | yes', '| `POST /api/v1/jobs` | '))).toBe(
    document,
  );
});

test('[RBAC-1] each cell says whether the role may', () => {
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

test('operators change no protection, readers and approvers begin nothing, alerts only tell [RBAC-1]', () => {
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
