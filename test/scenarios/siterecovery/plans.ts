// Native recovery plans: of the machines of a consistency group, which fail over only together.

import { AWAY, HOME } from './ground.ts';
import { becomeProtected, failover, itemOf } from './machines.ts';
import { all, VAULT, VAULT_GROUP, type Stage } from './stage.ts';

const PLAN = 'shop-plan';
const FORWARD = { failoverDirection: 'PrimaryToRecovery' } as const;

async function groupsOf(stage: Stage) {
  const [sql, web] = [await itemOf(stage, 'sql'), await itemOf(stage, 'web')];
  const member = (item: typeof sql) => [{ id: item.id ?? '', virtualMachineId: item.name ?? '' }];
  const action = {
    actionName: 'Tell the shops',
    failoverTypes: ['UnplannedFailover'],
    failoverDirections: ['PrimaryToRecovery'],
    customDetails: { instanceType: 'ManualActionDetails' as const, description: 'Call every shop.' },
  };
  return [
    { groupType: 'Boot', replicationProtectedItems: member(sql) },
    { groupType: 'Boot', replicationProtectedItems: member(web), endGroupActions: [action] },
  ];
}

export async function runPlans(stage: Stage): Promise<void> {
  stage.tell('A recovery plan for a consistency group');
  const { replicationRecoveryPlans: plans } = stage.siteRecovery;
  await stage.fails('one machine of the group alone', '539', () => failover(stage, 'web', HOME));
  const fabricId = (name: string): string => `${stage.vaultId}/replicationFabrics/${name}`;
  const groups = await groupsOf(stage);
  await stage.done(
    'plan saved',
    plans.beginCreate(VAULT, VAULT_GROUP, PLAN, {
      properties: {
        primaryFabricId: fabricId(HOME.fabric),
        recoveryFabricId: fabricId(AWAY.fabric),
        failoverDeploymentModel: 'ResourceManager',
        groups: groups.slice(0, 1),
      },
    }),
  );
  const half = plans.beginUnplannedFailover(VAULT, VAULT_GROUP, PLAN, {
    properties: {
      ...FORWARD,
      sourceSiteOperations: 'Required',
      providerSpecificDetails: [{ instanceType: 'A2A', recoveryPointType: 'Latest' }],
    },
  });
  await stage.fails('a plan with half of the group', '25014', () => half);
  await stage.done('plan changed', plans.beginUpdate(VAULT, VAULT_GROUP, PLAN, { properties: { groups } }));
  stage.expect(
    'it has groups to shut down and fail over too',
    (await plans.get(VAULT, VAULT_GROUP, PLAN)).properties?.groups
      ?.map(({ groupType }) => groupType)
      .join() === 'Shutdown,Failover,Boot,Boot',
  );
  await all(plans.list(VAULT, VAULT_GROUP));
  await testPlan(stage);
  await failOverPlan(stage);
  await stage.done('plan deleted', plans.beginDelete(VAULT, VAULT_GROUP, PLAN));
  await all(plans.list(VAULT, VAULT_GROUP));
}

async function testPlan(stage: Stage): Promise<void> {
  const { replicationRecoveryPlans: plans } = stage.siteRecovery;
  const networkId = stage.idIn(
    'contoso-shop-recovery',
    'Microsoft.Network/virtualNetworks',
    'shop-network-recovery',
  );
  await stage.done(
    'plan tested',
    plans.beginTestFailover(VAULT, VAULT_GROUP, PLAN, {
      properties: {
        ...FORWARD,
        networkType: 'VmNetworkAsInput',
        networkId,
        providerSpecificDetails: [{ instanceType: 'A2A', recoveryPointType: 'LatestProcessed' }],
      },
    }),
  );
  stage.expect(
    'it waits for its clean-up',
    (await plans.get(VAULT, VAULT_GROUP, PLAN)).properties?.allowedOperations?.join() ===
      'TestFailoverCleanup',
  );
  await stage.done(
    'plan cleaned up',
    plans.beginTestFailoverCleanup(VAULT, VAULT_GROUP, PLAN, { properties: { comments: 'all well' } }),
  );
}

async function failOverPlan(stage: Stage): Promise<void> {
  const { replicationRecoveryPlans: plans, replicationJobs: jobs } = stage.siteRecovery;
  const points = [
    {
      instanceType: 'A2A' as const,
      recoveryPointType: 'LatestApplicationConsistent',
      multiVmSyncPointOption: 'UseMultiVmSyncRecoveryPoint',
    },
  ];
  // Until both have a point with their applications.
  await stage.wait(4 * 3600);
  let resumed = false;
  const resume = async (): Promise<void> => {
    const waiting = (await all(jobs.list(VAULT, VAULT_GROUP))).find(
      ({ properties }) => properties?.state === 'Suspended',
    );
    if (!waiting || resumed) return;
    resumed = true;
    const job = await jobs.get(VAULT, VAULT_GROUP, waiting.name ?? '');
    stage.expect(
      'the plan waits for a person',
      JSON.stringify(job.properties?.tasks).includes('ManualActionTaskDetails'),
      job.properties,
    );
    await stage.done(
      'told to go on',
      jobs.beginResume(VAULT, VAULT_GROUP, waiting.name ?? '', {
        properties: { comments: 'The shops know.' },
      }),
    );
  };
  await stage.done(
    'plan failed over',
    plans.beginUnplannedFailover(VAULT, VAULT_GROUP, PLAN, {
      properties: { ...FORWARD, sourceSiteOperations: 'Required', providerSpecificDetails: points },
    }),
    resume,
  );
  stage.expect('somebody was asked', resumed);
  await stage.wait(30);
  const listed = await all(jobs.list(VAULT, VAULT_GROUP));
  const plan = listed.find(
    ({ properties }) =>
      properties?.targetInstanceType === 'RecoveryPlan' &&
      properties.scenarioName === 'UnplannedFailover' &&
      properties.state === 'Succeeded',
  );
  const job = await jobs.get(VAULT, VAULT_GROUP, plan?.name ?? '');
  stage.expect(
    'its job has a job for each machine and phase',
    JSON.stringify(job.properties?.tasks).split('VirtualMachineTaskDetails').length > 6,
    job.properties?.tasks?.map(({ name, state }) => [name, state]),
  );
  await stage.done('plan committed', plans.beginFailoverCommit(VAULT, VAULT_GROUP, PLAN));
  await stage.done('plan reprotected', plans.beginReprotect(VAULT, VAULT_GROUP, PLAN));
  for (const vm of ['sql', 'web']) await becomeProtected(stage, vm, AWAY);
}
