// A colleague works in the portal at the same time. Lifeboat waits for that work or polls it, as
// the command says, and never claims it.
import { callAsPortalUser } from '../support/portal.ts';
import { ARM_VERBS } from '../chaos/run-with-kills.ts';
import type { Job, Replication } from '../support/lifeboat-client.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

let environment: TestEnvironment;
let next = 0;

beforeAll(async () => {
  environment = await startTestEnvironment(6);
});
afterAll(() => environment.simulator.stop());

function takeVm(): Replication {
  const vm = environment.vms[next++];
  if (!vm) throw new Error('The environment is used up.');
  return vm;
}

const BODIES: Readonly<Record<string, unknown>> = {
  unplannedFailover: {
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      sourceSiteOperations: 'NotRequired',
      providerSpecificDetails: { instanceType: 'A2A' },
    },
  },
};

async function begin(vm: Replication, verb: string): Promise<void> {
  const { status } = await callAsPortalUser(
    environment.simulator,
    'POST',
    `${vm.armId}/${verb}`,
    BODIES[verb],
  );
  if (status !== 202) throw new Error(`${verb} in the portal: ${status}`);
}

const writesOf = async (vm: Replication, verb: string) =>
  (await environment.simulator.siteRecovery.writes()).filter(
    (write) => write.itemName === vm.name && write.operation === verb,
  );

async function tookOnce(vm: Replication, verb: string, job: Job): Promise<void> {
  const took = (await writesOf(vm, verb)).filter((write) => write.jobState !== 'Failed');
  expect(took).toHaveLength(1);
  const step = job.steps[0];
  expect(step?.siteRecovery).toMatchObject({ startedAt: null, endedAt: null, seconds: null });
}

test('Lifeboat never claims a failover that a colleague started in the portal [OP-11]', async () => {
  const vm = takeVm();
  await begin(vm, 'unplannedFailover');
  const job = await environment.lifeboat.runToEnd({ operation: 'failover', vms: [vm.id] });
  expect(job).toMatchObject({
    state: 'failed',
    steps: [{ state: 'failed', error: { code: 'NotAllowedByAzure' } }],
  });
  expect(job.steps[0]?.error?.message).toContain('Commit');
  await tookOnce(vm, ARM_VERBS.failover, job);
});

test('with adopt Lifeboat polls the operation to its end, and reports it as adopted [OP-11]', async () => {
  const vm = takeVm();
  await begin(vm, 'unplannedFailover');
  const job = await environment.lifeboat.runToEnd({ operation: 'failover', vms: [vm.id], adopt: true });
  expect(job).toMatchObject({ state: 'completed', steps: [{ state: 'takenOver' }] });
  await tookOnce(vm, ARM_VERBS.failover, job);
  const portalWrite = (await writesOf(vm, ARM_VERBS.failover)).find(
    (write) => write.jobState === 'Succeeded',
  );
  expect(job.steps[0]?.siteRecoveryJob).toBe(portalWrite?.jobId);
  expect(
    (await environment.lifeboat.listReplications()).find((replication) => replication.id === vm.id)?.state,
  ).toBe('failedOver');
});

test('after a commit in the portal the step is already done, without a write of ours [OP-11]', async () => {
  const vm = takeVm();
  await environment.lifeboat.runToEnd({ operation: 'failover', vms: [vm.id] });
  await begin(vm, 'failoverCommit');
  const job = await environment.lifeboat.runToEnd({ operation: 'commit', vms: [vm.id] });
  expect(job).toMatchObject({ state: 'completed', steps: [{ state: 'alreadySo' }] });
  await tookOnce(vm, ARM_VERBS.commit, job);
});

test('the registry shows work of the portal within minutes [OP-11]', async () => {
  const vm = takeVm();
  await begin(vm, 'unplannedFailover');
  const seen = await environment.lifeboat.waitFor(
    async () =>
      (await environment.lifeboat.listReplications()).find(
        (replication) => replication.id === vm.id && replication.state === 'failedOver',
      ),
    'the failover in the registry',
  );
  expect(seen.allowed).toEqual([
    'changeRecoveryPoint',
    'commit',
    'cancelFailover',
    'reprotect',
    'disableReplication',
  ]);
});
