// Native recovery plans of the machines of a consistency group, which fail over only together.

import { RECOVERY_SIDE, PRIMARY_SIDE } from './prerequisites.ts';
import { waitUntilProtected, beginFailover, readItem } from './machines.ts';
import { collect, VAULT, VAULT_GROUP, type SdkEnvironment } from './sdk-environment.ts';

const PLAN = 'shop-plan';
const FORWARD = { failoverDirection: 'PrimaryToRecovery' } as const;

async function planGroups(environment: SdkEnvironment) {
  const [sql, web] = [await readItem(environment, 'sql'), await readItem(environment, 'web')];
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

export async function runRecoveryPlans(environment: SdkEnvironment): Promise<void> {
  environment.printTitle('A recovery plan for a consistency group');
  const { replicationRecoveryPlans: plans } = environment.siteRecovery;
  await environment.expectFailure('one machine of the group alone', '539', () =>
    beginFailover(environment, 'web', PRIMARY_SIDE),
  );
  const fabricId = (name: string): string => `${environment.vaultId}/replicationFabrics/${name}`;
  const groups = await planGroups(environment);
  await environment.pollToEnd(
    'plan saved',
    plans.beginCreate(VAULT, VAULT_GROUP, PLAN, {
      properties: {
        primaryFabricId: fabricId(PRIMARY_SIDE.fabric),
        recoveryFabricId: fabricId(RECOVERY_SIDE.fabric),
        failoverDeploymentModel: 'ResourceManager',
        groups: groups.slice(0, 1),
      },
    }),
  );
  const partialFailover = plans.beginUnplannedFailover(VAULT, VAULT_GROUP, PLAN, {
    properties: {
      ...FORWARD,
      sourceSiteOperations: 'Required',
      providerSpecificDetails: [{ instanceType: 'A2A', recoveryPointType: 'Latest' }],
    },
  });
  await environment.expectFailure('a plan with half of the group', '25014', () => partialFailover);
  await environment.pollToEnd(
    'plan changed',
    plans.beginUpdate(VAULT, VAULT_GROUP, PLAN, { properties: { groups } }),
  );
  environment.expect(
    'it has groups to shut down and fail over too',
    (await plans.get(VAULT, VAULT_GROUP, PLAN)).properties?.groups
      ?.map(({ groupType }) => groupType)
      .join() === 'Shutdown,Failover,Boot,Boot',
  );
  await collect(plans.list(VAULT, VAULT_GROUP));
  await runPlanTestFailover(environment);
  await failOverPlan(environment);
  await environment.pollToEnd('plan deleted', plans.beginDelete(VAULT, VAULT_GROUP, PLAN));
  await collect(plans.list(VAULT, VAULT_GROUP));
}

async function runPlanTestFailover(environment: SdkEnvironment): Promise<void> {
  const { replicationRecoveryPlans: plans } = environment.siteRecovery;
  const networkId = environment.resourceId(
    'contoso-shop-recovery',
    'Microsoft.Network/virtualNetworks',
    'shop-network-recovery',
  );
  await environment.pollToEnd(
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
  environment.expect(
    'it waits for its clean-up',
    (await plans.get(VAULT, VAULT_GROUP, PLAN)).properties?.allowedOperations?.join() ===
      'TestFailoverCleanup',
  );
  await environment.pollToEnd(
    'plan cleaned up',
    plans.beginTestFailoverCleanup(VAULT, VAULT_GROUP, PLAN, { properties: { comments: 'all well' } }),
  );
}

async function failOverPlan(environment: SdkEnvironment): Promise<void> {
  const { replicationRecoveryPlans: plans, replicationJobs: jobs } = environment.siteRecovery;
  const points = [
    {
      instanceType: 'A2A' as const,
      recoveryPointType: 'LatestApplicationConsistent',
      multiVmSyncPointOption: 'UseMultiVmSyncRecoveryPoint',
    },
  ];
  // Wait until both have an application-consistent point.
  await environment.advance(4 * 3600);
  let resumed = false;
  const resume = async (): Promise<void> => {
    const waiting = (await collect(jobs.list(VAULT, VAULT_GROUP))).find(
      ({ properties }) => properties?.state === 'Suspended',
    );
    if (!waiting || resumed) return;
    resumed = true;
    const job = await jobs.get(VAULT, VAULT_GROUP, waiting.name ?? '');
    environment.expect(
      'the plan waits for a person',
      JSON.stringify(job.properties?.tasks).includes('ManualActionTaskDetails'),
      job.properties,
    );
    await environment.pollToEnd(
      'told to go on',
      jobs.beginResume(VAULT, VAULT_GROUP, waiting.name ?? '', {
        properties: { comments: 'The shops know.' },
      }),
    );
  };
  await environment.pollToEnd(
    'plan failed over',
    plans.beginUnplannedFailover(VAULT, VAULT_GROUP, PLAN, {
      properties: { ...FORWARD, sourceSiteOperations: 'Required', providerSpecificDetails: points },
    }),
    resume,
  );
  environment.expect('somebody was asked', resumed);
  await environment.advance(30);
  const listed = await collect(jobs.list(VAULT, VAULT_GROUP));
  const plan = listed.find(
    ({ properties }) =>
      properties?.targetInstanceType === 'RecoveryPlan' &&
      properties.scenarioName === 'UnplannedFailover' &&
      properties.state === 'Succeeded',
  );
  const job = await jobs.get(VAULT, VAULT_GROUP, plan?.name ?? '');
  environment.expect(
    'its job has a job for each machine and phase',
    JSON.stringify(job.properties?.tasks).split('VirtualMachineTaskDetails').length > 6,
    job.properties?.tasks?.map(({ name, state }) => [name, state]),
  );
  await environment.pollToEnd('plan committed', plans.beginFailoverCommit(VAULT, VAULT_GROUP, PLAN));
  await environment.pollToEnd('plan reprotected', plans.beginReprotect(VAULT, VAULT_GROUP, PLAN));
  for (const vm of ['sql', 'web']) await waitUntilProtected(environment, vm, RECOVERY_SIDE);
}
