// Reading a document of schema 11 gives prerequisites, multi-VM groups and native plans their names.
import { PREREQUISITES_IN_12, migrateWork } from '../../../shared/store/prerequisitesIn12.ts';
import { SCHEMA_VERSION, migrate } from '../../../shared/store/schema.ts';

const GROUP = { vms: [{ id: 'vm-a', name: 'web' }], points: null, networkId: null };

const CASES: readonly (readonly [string, object, object])[] = [
  [
    'step',
    { work: { kind: 'group', planId: '/plans/orders', ...GROUP } },
    { work: { kind: 'multiVmGroup', nativePlanId: '/plans/orders', ...GROUP } },
  ],
  [
    'step',
    { work: { kind: 'part', part: { id: 'p', name: 'vault' } } },
    { work: { kind: 'prerequisite', prerequisite: { id: 'p', name: 'vault' } } },
  ],
  [
    'step',
    { work: { kind: 'action', group: 'web', vm: null } },
    { work: { kind: 'action', group: 'web', vm: null } },
  ],
  [
    'preview',
    { preview: { parts: [{ id: 'p' }], vms: [] } },
    { preview: { prerequisites: [{ id: 'p' }], vms: [] } },
  ],
  [
    'news',
    { news: 'lifeboat.step.started', data: { target: 't', kind: 'group' } },
    { news: 'lifeboat.step.started', data: { target: 't', kind: 'multiVmGroup' } },
  ],
  [
    'news',
    { news: 'lifeboat.alarm.raised', data: { kind: 'part' } },
    { news: 'lifeboat.alarm.raised', data: { kind: 'part' } },
  ],
];

test.each(CASES)('a %s of schema 11 gets the new names, and keeps them', (type, older, newer) => {
  const read = migrate({ id: 'one', type, schema: 11, ...older });
  expect(read).toEqual({ id: 'one', type, schema: SCHEMA_VERSION, ...newer });
  expect(PREREQUISITES_IN_12[type]?.(read as Readonly<Record<string, unknown>>)).toEqual(read);
});

test('the work of a step from a query of single fields gets the new names, too', () => {
  expect(migrateWork({ kind: 'group', planId: 'p', ...GROUP })).toEqual({
    kind: 'multiVmGroup',
    nativePlanId: 'p',
    ...GROUP,
  });
});
