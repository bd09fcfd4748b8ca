// Objects from Site Recovery itself: recovery plans appear as plans of Lifeboat. VMs appear with
// their jobs.
import { isDeepStrictEqual } from 'node:util';
import { importPlans } from '../../shared/plans/importPlans.ts';
import type { ReplicationFromAzure } from '../../shared/replications/readReplication.ts';
import type { Plan } from '../../shared/plans/rules/plan.ts';
import { vaultKeyOf } from '../../shared/core/ids.ts';
import { readNativePlansOf } from '../../shared/plans/store.ts';
import type { Replication } from '../support/lifeboat-client.ts';
import { callAsPortalUser } from '../support/portal.ts';
import { configureProcessAsApp } from '../support/simulated-store.ts';
import { story } from '../support/story.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const VAULT =
  '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/contoso-recovery-services/providers/Microsoft.RecoveryServices/vaults/contoso-vault';
const vaultId = vaultKeyOf(VAULT);

// A later test uses the state that the earlier tests leave behind.
const test = story();

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await startTestEnvironment(5, { environment: 'contoso' });
  configureProcessAsApp(environment.simulator.addresses, environment.simulator.data);
});
afterAll(() => environment.simulator.stop());

type Shown = Plan & {
  readonly warnings: readonly { readonly message: string }[];
  readonly id: string;
  readonly origin: { readonly kind: string; readonly armId: string };
};
async function plans(): Promise<readonly Shown[]> {
  const { status, body } = await environment.lifeboat.call<{ plans: readonly Shown[] }>(
    `/api/v1/vaults/${vaultId}/plans`,
    { principal: 'reader' },
  );
  expect(status).toBe(200);
  return body.plans;
}

function item(name: string): Replication {
  const found = environment.vms.find((vm) => vm.name === name);
  if (!found) throw new Error(`No ${name}.`);
  return found;
}

const PLAN = `${VAULT}/replicationRecoveryPlans/shop`;
const boot = (items: readonly string[], more: object = {}) => ({
  groupType: 'Boot',
  replicationProtectedItems: items.map((id) => ({ id, virtualMachineId: '' })),
  ...more,
});
const action = (
  actionName: string,
  customDetails: object,
  failoverTypes: readonly string[] = [],
  failoverDirections: readonly string[] = ['PrimaryToRecovery'],
) => ({ actionName, failoverTypes, failoverDirections, customDetails });
const RUNBOOK = {
  instanceType: 'AutomationRunbookActionDetails',
  runbookId:
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.Automation/automationAccounts/a/runbooks/dns',
  timeout: 'PT10M',
  fabricLocation: 'Recovery',
};

test('a plan of the portal appears with its groups, VMs and actions [OP-11]', async () => {
  const groups = [
    { groupType: 'Shutdown' },
    { groupType: 'Failover', endGroupActions: [action('cut over dns', RUNBOOK, ['UnplannedFailover'])] },
    boot([item('sql').armId], {
      startGroupActions: [
        action(
          'stop batch',
          {
            instanceType: 'ScriptActionDetails',
            path: '/stop.ps1',
            timeout: 'PT5M',
            fabricLocation: 'Primary',
          },
          ['TestFailover'],
        ),
      ],
    }),
    boot([item('web').armId, item('app').armId], {
      endGroupActions: [
        action('look at the shop', { instanceType: 'ManualActionDetails', description: 'Does it sell?' }),
        action('way back', RUNBOOK, [], ['RecoveryToPrimary']),
      ],
    }),
  ];
  const fabric = (region: string): string => `${VAULT}/replicationFabrics/fabric-${region}`;
  const made = await callAsPortalUser(environment.simulator, 'PUT', PLAN, {
    properties: {
      primaryFabricId: fabric('eastasia'),
      recoveryFabricId: fabric('southeastasia'),
      failoverDeploymentModel: 'ResourceManager',
      groups,
    },
  });
  expect(made.status).toBe(202);
  const plan = await environment.lifeboat.waitFor(
    async () => (await plans()).find(({ name }) => name === 'shop'),
    'the plan',
  );
  expect(plan).toMatchObject({
    name: 'shop',
    id: expect.stringMatching(/^plan-[a-z2-7]{26}$/) as string,
    origin: { kind: 'native' },
  });
  const dns = { kind: 'runbook', name: 'cut over dns', runbookId: RUNBOOK.runbookId, timeoutMinutes: 10 };
  const stop = {
    kind: 'manual',
    name: 'stop batch',
    instructions: expect.stringContaining('/stop.ps1') as string,
    timeoutMinutes: 5,
  };
  const after = [{ kind: 'manual', name: 'look at the shop', instructions: 'Does it sell?' }];
  const second = {
    name: 'Group 2',
    waitsFor: ['Group 1'],
    vms: [item('web').id, item('app').id],
    before: [],
    after,
  };
  expect(plan.runs).toMatchObject({
    failover: [{ name: 'Group 1', waitsFor: [], vms: [item('sql').id], before: [dns], after: [] }, second],
    testFailover: [
      { name: 'Group 1', waitsFor: [], vms: [item('sql').id], before: [stop], after: [] },
      second,
    ],
  });
  expect(plan.warnings.map(({ message }) => message)).toEqual([
    expect.stringContaining('The group Failover has actions: cut over dns. The imported plan does them'),
    expect.stringContaining('"stop batch" is a script'),
    expect.stringContaining('"way back" is only for the direction back to the source'),
  ]);
});

test('an import keeps each portal plan once, makes new versions, and removes missing plans [OP-11]', async () => {
  const listStoredPlans = async () =>
    (await readNativePlansOf(vaultId)).map(({ plan, version }) => [plan.name, version]).sort();
  // The app's timer does the same meanwhile. Only the stored plans count, not their writer.
  expect(await importPlans(VAULT)).toMatchObject({ removed: 0 });
  expect(await importPlans(VAULT)).toEqual({ saved: 0, removed: 0 });
  expect(await listStoredPlans()).toEqual([
    ['orders', 1],
    ['shop', 1],
  ]);
  expect((await readNativePlansOf(vaultId)).map(({ planId }) => planId).sort()).toEqual(
    (await plans()).map(({ id }) => id).sort(),
  );

  expect(
    (
      await callAsPortalUser(environment.simulator, 'PATCH', PLAN, {
        properties: { groups: [boot([item('web').armId])] },
      })
    ).status,
  ).toBe(202);
  const keptAs = (wanted: readonly (readonly [string, number])[], what: string) =>
    environment.lifeboat.waitFor(async () => {
      await importPlans(VAULT);
      return isDeepStrictEqual(await listStoredPlans(), wanted) || undefined;
    }, what);
  await keptAs(
    [
      ['orders', 1],
      ['shop', 2],
    ],
    'the changed plan',
  );
  expect((await plans()).find(({ name }) => name === 'shop')?.runs.failover).toMatchObject([
    { vms: [item('web').id], before: [], after: [] },
  ]);

  expect((await callAsPortalUser(environment.simulator, 'DELETE', PLAN)).status).toBe(202);
  await keptAs([['orders', 1]], 'the plan gone');
});

test('an unreadable vault keeps its plans, and the answer says so [OP-11]', async () => {
  await expect(importPlans(VAULT.replace('contoso-vault', 'nowhere'))).rejects.toMatchObject({
    code: 'ResourceNotFound',
  });
  expect(await readNativePlansOf(vaultId)).toHaveLength(1);
});

test('a VM enabled in the portal appears with its jobs and their steps [OP-11] [OP-9] [A2A-16]', async () => {
  const group = (name: string): string =>
    `/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups/${name}`;
  const container = (region: string): string =>
    `${VAULT}/replicationFabrics/fabric-${region}/replicationProtectionContainers/container-${region}`;
  const disk = {
    diskId: `${group('contoso-shop')}/providers/Microsoft.Compute/disks/web-zone-1-os`,
    primaryStagingAzureStorageAccountId: `${group('contoso-shop')}/providers/Microsoft.Storage/storageAccounts/shopcacheeastasia`,
    recoveryResourceGroupId: group('contoso-shop-recovery'),
  };
  const details = {
    instanceType: 'A2A',
    fabricObjectId: `${group('contoso-shop')}/providers/Microsoft.Compute/virtualMachines/web-zone-1`,
    recoveryContainerId: container('southeastasia'),
    recoveryResourceGroupId: group('contoso-shop-recovery'),
    vmManagedDisks: [disk],
  };
  const enabled = await callAsPortalUser(
    environment.simulator,
    'PUT',
    `${container('eastasia')}/replicationProtectedItems/from-the-portal`,
    {
      properties: {
        policyId: `${VAULT}/replicationPolicies/day-of-points`,
        providerSpecificDetails: details,
      },
    },
  );
  expect(enabled.status).toBe(202);
  const appeared = await environment.lifeboat.waitFor(
    async () => (await environment.lifeboat.listReplications()).find(({ name }) => name === 'web-zone-1'),
    'the VM',
  );
  const { status, body } = await environment.lifeboat.call<ReplicationFromAzure>(
    `/api/v1/replications/${appeared.id}`,
    {
      principal: 'reader',
    },
  );
  expect(status).toBe(200);
  expect(body).toMatchObject({
    friendlyName: 'web-zone-1',
    protectionState: 'Protected',
    initialReplicationPercent: 100,
    settings: { disks: [{ name: 'web-zone-1-os', state: 'Protected' }] },
  });
  expect(body.jobs.map(({ operation, state }) => [operation, state])).toEqual([
    ['IrCompletion', 'Succeeded'],
    ['EnableDr', 'Succeeded'],
  ]);
  for (const job of body.jobs) {
    expect(job).toMatchObject({
      description: 'Completed',
      errors: [],
      startedAt: expect.any(String) as string,
      endedAt: expect.any(String) as string,
    });
    expect(job.tasks.length).toBeGreaterThan(1);
    expect(job.tasks.every((task) => task.name !== '' && task.state !== '')).toBe(true);
  }
});
