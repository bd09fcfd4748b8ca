// One command with one key is one job. Another command, or another caller's VM, starts nothing.
import { acceptCommand } from '../../../shared/jobs/acceptCommand.ts';
import type { Caller } from '../../../shared/access/caller.ts';
import type { ReplicatedVmDocument } from '../../../shared/replications/documents.ts';
import { listUnfinishedJobs } from '../../../shared/journal/job.ts';
import { createLocks } from '../../../shared/replications/registry.ts';
import { vmNamed, registerVmsByName } from '../../support/single-step-job.ts';
import { startSimulatedStore, type SimulatedStore } from '../../support/simulated-store.ts';

let store: SimulatedStore;
let vms: ReadonlyMap<string, ReplicatedVmDocument>;
beforeAll(async () => {
  store = await startSimulatedStore();
  vms = await registerVmsByName();
});
afterAll(() => store.close());

const ada: Caller = { id: 'ada', name: 'ada', tenant: 't', roles: ['Operator'], door: 'rest' };
const failoverOf = (name: string) => ({ operation: 'failover', vms: [vmNamed(vms, name).id] });
const code = (code: string, more: object = {}) => expect.objectContaining({ code, ...more }) as Error;
const jobs = async (): Promise<number> => (await listUnfinishedJobs()).length;

test('the same command with the same key makes one job, however often and at once it comes [TRG-1]', async () => {
  const before = await jobs();
  const accepted = await Promise.all(
    Array.from({ length: 5 }, () => acceptCommand(failoverOf('web'), 'key-1', ada)),
  );
  expect(new Set(accepted.map(({ jobId }) => jobId)).size).toBe(1);
  expect((await acceptCommand(failoverOf('web'), 'key-1', ada)).jobId).toBe(accepted[0]?.jobId);
  expect(await jobs()).toBe(before + 1);
});

test('a caller cannot reuse a key for another command, and callers share no keys [TRG-1]', async () => {
  const first = await acceptCommand(failoverOf('app'), 'key-2', ada);
  await expect(acceptCommand(failoverOf('sql'), 'key-2', ada)).rejects.toThrow(
    code('IdempotencyKeyReused', { status: 409 }),
  );
  expect((await acceptCommand(failoverOf('app'), 'key-2', { ...ada, id: 'bob' })).jobId).not.toBe(
    first.jobId,
  );
});

test('a command on a locked VM, with no role or in a wrong state makes no job [OP-7] [RBAC-1]', async () => {
  const before = await jobs();
  const sql = vmNamed(vms, 'sql');
  await createLocks([{ vaultId: sql.vaultId, targetId: sql.id }], 'job-of-others', 1, new Date());
  await expect(acceptCommand(failoverOf('sql'), 'key-3', ada)).rejects.toThrow(code('VmHeld'));
  await expect(
    acceptCommand(failoverOf('web'), 'key-4', { ...ada, roles: ['Reader', 'Approver'] }),
  ).rejects.toThrow(code('RoleMissing'));
  await expect(acceptCommand({ ...failoverOf('web'), operation: 'commit' }, 'key-5', ada)).rejects.toThrow(
    code('OperationNotAllowed'),
  );
  await expect(acceptCommand(failoverOf('web'), undefined, ada)).rejects.toThrow(
    code('IdempotencyKeyMissing'),
  );
  expect(await jobs()).toBe(before);
});
