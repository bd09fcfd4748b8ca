// The document says what the code does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rendered } from '../../../scripts/render-routes.ts';
import { OPERATIONS, ROUTES } from '../../../shared/access/roles.ts';
import { Role } from '../../../shared/core/role.ts';
import { rolesTable } from '../../../shared/access/rolesTable.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/api.md'), 'utf8');

test('[RBAC-1] the tables in docs/api.md are those that doors ask: node scripts/render-routes.ts writes them', () => {
  expect(rendered(document)).toBe(document);
  expect(rendered(document.replace('| `POST /api/v1/jobs` | yes', '| `POST /api/v1/jobs` | '))).toBe(
    document,
  );
});

test('[RBAC-1] each cell says whether the role may', () => {
  const rows = new Map(
    rolesTable()
      .split('\n')
      .map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
      .map(([name = '', ...yes]) => [name.replaceAll('`', ''), yes] as const),
  );
  for (const [name, roles] of [...Object.entries(ROUTES), ...Object.entries(OPERATIONS)]) {
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
    expect(OPERATIONS[operation]).toEqual([Role.owner, Role.contributor]);
  for (const roles of Object.values(OPERATIONS))
    for (const role of [Role.reader, Role.approver, Role.alerts]) expect(roles).not.toContain(role);
  expect(
    Object.entries(ROUTES)
      .filter(([, roles]) => (roles as readonly string[]).includes(Role.alerts))
      .map(([route]) => route),
  ).toEqual(['POST /api/v1/alerts/azure-monitor']);
});
