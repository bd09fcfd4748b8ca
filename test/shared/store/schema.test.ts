// Reads documents of older versions, and does not change documents of newer versions.
import { Plan } from '../../../shared/plans/rules/plan.ts';
import { migrate, type Migrations } from '../../../shared/store/schema.ts';

/** Two example migrations for the table. */
const MIGRATIONS: Migrations = {
  0: { job: ({ vm, ...job }) => ({ ...job, vms: [vm] }) },
  1: {
    job: (job) => ({ ...job, adopt: false }),
    step: ({ tries, ...step }) => ({ ...step, attempt: tries }),
  },
};
const V0 = { id: 'job', type: 'job', jobId: 'job-1', vm: 'vm-1', _etag: '"7"' };

test('a job of version 0 passes every version up to this one, and keeps its ETag', () => {
  expect(migrate(V0, MIGRATIONS, 2)).toEqual({
    id: 'job',
    type: 'job',
    jobId: 'job-1',
    vms: ['vm-1'],
    adopt: false,
    schema: 2,
    _etag: '"7"',
  });
  expect(V0).toEqual({ id: 'job', type: 'job', jobId: 'job-1', vm: 'vm-1', _etag: '"7"' });
});

test('an unchanged type keeps its shape, and runs only the migrations after its version', () => {
  expect(migrate({ type: 'lock', schema: 0, vmId: 'v' }, MIGRATIONS, 2)).toEqual({
    type: 'lock',
    schema: 2,
    vmId: 'v',
  });
  expect(migrate({ type: 'step', schema: 1, tries: 3 }, MIGRATIONS, 2)).toEqual({
    type: 'step',
    schema: 2,
    attempt: 3,
  });
  expect(migrate({ type: 'step', schema: 2, tries: 3 }, MIGRATIONS, 2)).toEqual({
    type: 'step',
    schema: 2,
    tries: 3,
  });
});

test('a newer version than this one fails with a reason', () => {
  expect(() => migrate({ id: 'job', type: 'job', schema: 3 }, MIGRATIONS, 2)).toThrow(
    /job \(job\) was written in version 3 .* this one knows version 2/,
  );
});

test('a plan of an older schema becomes a plan of today and lists its gaps [PLAN-1]', () => {
  const group = {
    name: 'Group 1',
    waitsFor: [],
    vms: [`vm-${'a'.repeat(26)}`],
    before: [{ kind: 'manual', name: 'm', description: 'd' }],
    after: [],
  };
  const older = {
    type: 'plan',
    schema: 4,
    planId: 'plan-1',
    plan: { name: 'shop', runs: { failover: [group], testFailover: [group] }, warnings: ['w'] },
  };
  const { plan, warnings } = migrate(older) as unknown as {
    plan: Plan;
    warnings: readonly { readonly code: string; readonly message: string }[];
  };
  expect(Plan.parse(plan)).toEqual(plan);
  expect(plan.runs.failover[0]).toMatchObject({ name: 'Group 1', vms: group.vms, before: [] });
  expect(warnings.map(({ message }) => message)).toEqual([
    'w',
    expect.stringContaining('read from Site Recovery again'),
  ]);
  expect(warnings[0]).toEqual({ code: 'Warning', severity: 'warning', path: null, message: 'w' });
});

test('an older preview of a VM gets one interface in the chosen subnet [A2A-7]', () => {
  const step = {
    type: 'step',
    schema: 7,
    warnings: [],
    work: {
      kind: 'newVm',
      preview: { warnings: [], settings: { networkId: 'n', subnet: 'web', size: null } },
    },
  };
  const nics = [{ id: '', name: '', primary: true, sourceSubnet: '', subnet: 'web', address: null }];
  expect(migrate(step)).toMatchObject({
    work: { preview: { settings: { networkId: 'n', nics, size: null } } },
  });
  expect(migrate({ type: 'vmPreview', schema: 7, preview: step.work.preview })).toMatchObject({
    preview: { settings: { nics } },
  });
  expect(migrate({ type: 'step', schema: 7, warnings: [], work: { kind: 'hold' } })).toMatchObject({
    work: { kind: 'hold' },
  });
});

test('an older warning text of a step gets its own code, and so does its exception', () => {
  const warnings = ['150097: The disk\nis full.', 'CacheNotAsAsked: sql', 'The members differ: a at 1.'];
  expect(migrate({ type: 'step', schema: 8, work: {}, warnings })).toMatchObject({
    warnings: [
      { code: '150097', message: 'The disk\nis full.' },
      { code: 'CacheNotAsAsked', message: 'sql' },
      { code: 'Warning', message: 'The members differ: a at 1.' },
    ],
  });
  const failed = { code: 'JobFailed', message: '150097: It failed.', state: 'failed' };
  const warned = { code: 'Warning', message: '150097: The disk is full.', state: 'succeeded' };
  expect(migrate({ type: 'job', schema: 8, exceptions: [failed, warned] })).toMatchObject({
    exceptions: [failed, { code: '150097', message: 'The disk is full.', state: 'succeeded' }],
  });
});
