import type {
  A2AReplicationDetails,
  ReplicationProtectedItem,
} from '@azure/arm-recoveryservices-siterecovery';

import {
  RECOVERY_SIDE,
  TestAzure,
  sendCommit,
  sendFailover,
  PRIMARY_SIDE,
  MINUTE,
  sendReprotect,
  SINGLE_MACHINES,
  type ContainerLocation,
  type SentWrite,
} from './test-azure.ts';

const a2aOf = (item: ReplicationProtectedItem): A2AReplicationDetails =>
  item.properties?.providerSpecificDetails as A2AReplicationDetails;

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

async function runToEnd(sent: Promise<SentWrite>): Promise<string> {
  const { status, jobId } = await sent;
  expect(status).toBe(202);
  await azure.advance(10 * MINUTE);
  expect((await azure.readJob(jobId)).properties?.state).toBe('Succeeded');
  return jobId;
}

async function thereAndProtected(name: string, from: ContainerLocation): Promise<void> {
  await runToEnd(sendFailover(azure, name, from));
  await runToEnd(sendCommit(azure, name, from));
  await runToEnd(sendReprotect(azure, name, from));
  await azure.advance(30 * MINUTE);
}

describe('a machine that fails over and returns', () => {
  it('performs its operations in the order that the item offers them', async () => {
    expect((await azure.readItem('web')).properties).toMatchObject({
      protectionState: 'Protected',
      activeLocation: 'Primary',
      allowedOperations: ['UnplannedFailover', 'DisableProtection', 'TestFailover'],
    });
    await runToEnd(sendFailover(azure, 'web'));
    const failedOver = await azure.readItem('web');
    expect(failedOver.properties).toMatchObject({
      protectionState: 'UnplannedFailoverCommitPendingStatesBegin',
      protectionStateDescription: 'Failover completed',
      activeLocation: 'Recovery',
      allowedOperations: ['Commit', 'DisableProtection', 'ChangePit', 'SwitchProtection', 'CancelFailover'],
      currentScenario: { scenarioName: 'None', jobId: 'None' },
    });
    expect(failedOver.properties?.failoverRecoveryPointId).toContain(
      `${failedOver.id ?? ''}/recoveryPoints/`,
    );
    expect(failedOver.properties?.lastSuccessfulFailoverTime).toBeInstanceOf(Date);
    await runToEnd(sendCommit(azure, 'web'));
    expect((await azure.readItem('web')).properties).toMatchObject({
      protectionState: 'UnplannedFailoverCommitted',
      protectionStateDescription: 'Failover committed',
      activeLocation: 'Recovery',
      allowedOperations: ['DisableProtection', 'SwitchProtection'],
    });
  });

  it('changes its ARM id with the direction and back, while its lifecycle id stays', async () => {
    const first = await azure.readItem('sql');
    await thereAndProtected('sql', PRIMARY_SIDE);
    await expect(azure.readItem('sql', PRIMARY_SIDE)).rejects.toMatchObject({
      statusCode: 404,
      code: 'NotFound',
    });
    const away = await azure.readItem('sql', RECOVERY_SIDE);
    expect(away.id).toContain(
      `${RECOVERY_SIDE.fabric}/replicationProtectionContainers/${RECOVERY_SIDE.container}/replicationProtectedItems/sql`,
    );
    expect(away.properties).toMatchObject({
      protectionState: 'Protected',
      activeLocation: 'Primary',
      primaryFabricFriendlyName: 'Southeast Asia',
      recoveryFabricFriendlyName: 'East Asia',
    });
    expect(a2aOf(away)).toMatchObject({
      lifecycleId: a2aOf(first).lifecycleId,
      multiVmGroupId: a2aOf(first).multiVmGroupId,
      initialPrimaryFabricLocation: 'eastasia',
      primaryFabricLocation: 'southeastasia',
      fabricObjectId: expect.stringContaining('/resourcegroups/contoso-shop-recovery/') as string,
    });
    expect(a2aOf(away).managementId).not.toBe(a2aOf(first).managementId);
    expect(away.properties?.eventCorrelationId).not.toBe(first.properties?.eventCorrelationId);

    await thereAndProtected('sql', RECOVERY_SIDE);
    const back = await azure.readItem('sql', PRIMARY_SIDE);
    expect(back.id).toBe(first.id);
    expect(a2aOf(back)).toMatchObject({
      lifecycleId: a2aOf(first).lifecycleId,
      fabricObjectId: a2aOf(first).fabricObjectId,
    });
    await expect(azure.readItem('sql', RECOVERY_SIDE)).rejects.toMatchObject({ statusCode: 404 });
    expect((await azure.readWrites()).map((write) => [write.operation, write.jobState])).toEqual(
      [
        'unplannedFailover',
        'failoverCommit',
        'switchprotection',
        'unplannedFailover',
        'failoverCommit',
        'switchprotection',
      ].map((operation) => [operation, 'Succeeded']),
    );
  });

  it('is copied back in stages, without a lifecycle id until it is protected', async () => {
    await runToEnd(sendFailover(azure, 'app'));
    await sendReprotect(azure, 'app');
    const seen: (string | undefined)[] = [];
    for (let minute = 0; minute < 35; minute += 1) {
      await azure.advance(MINUTE);
      const item = (await azure.listItems()).find(({ name }) => name === 'app');
      const state =
        `${item?.properties?.protectionState ?? ''} ` + (item?.properties?.allowedOperations?.join() ?? '');
      if (seen.at(-1) !== state) seen.push(state);
      if (item && item.properties?.activeLocation === 'Primary') {
        const isProtected = item.properties.protectionState === 'Protected';
        expect(typeof a2aOf(item).lifecycleId).toBe(isProtected ? 'string' : 'object');
        expect(a2aOf(item).protectedManagedDisks?.[0]?.recoveryOrignalTargetDiskId).toBe(
          isProtected
            ? ''
            : `/subscriptions/${azure.environment.subscriptions[0]?.id ?? ''}/resourcegroups/contoso-shop/providers/microsoft.compute/disks/app-os`,
        );
      }
    }
    expect(seen).toEqual([
      'UnplannedFailoverCommitPendingStatesBegin ',
      'InitialReplicationInProgress ',
      'InitialReplicationInProgress DisableProtection',
      'InitialReplicationRecoveryCompletionPending DisableProtection',
      'Protected UnplannedFailover,DisableProtection,TestFailover',
    ]);
  });

  it('starts the other machine, and shuts down the source only on request', async () => {
    const states = async () =>
      Object.fromEntries(
        (await azure.readTrueItems())
          .filter(({ name }) => SINGLE_MACHINES.includes(name))
          .map(({ name, machines }) => [name, machines.map(({ state }) => state)]),
      );
    await runToEnd(sendFailover(azure, 'web', PRIMARY_SIDE, { sourceSiteOperations: 'Required' }));
    await runToEnd(sendFailover(azure, 'app'));
    expect(await states()).toEqual({
      web: ['deallocated', 'running'],
      app: ['running', 'running'],
      sql: ['running', 'absent'],
    });
    await runToEnd(sendReprotect(azure, 'app'));
    expect(await states()).toMatchObject({ app: ['deallocated', 'running'] });
  });

  it('fails over to the requested recovery point', async () => {
    const points: { name: string; time: Date }[] = [];
    for await (const { name, properties } of azure.client.recoveryPoints.listByReplicationProtectedItems(
      'contoso-vault',
      'contoso-recovery-services',
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'web',
    )) {
      points.push({ name: name ?? '', time: properties?.recoveryPointTime ?? new Date(0) });
    }
    // All points of the last two hours, and one for each hour before that.
    expect(points).toHaveLength(25 + 22);
    expect(points.toSorted((one, other) => one.time.getTime() - other.time.getTime())).toEqual(points);
    const wanted = points[10]?.name ?? '';
    const jobId = await runToEnd(
      sendFailover(azure, 'web', PRIMARY_SIDE, {
        recoveryPointId: `${(await azure.readItem('web')).id ?? ''}/recoveryPoints/${wanted}`,
      }),
    );
    expect((await azure.readItem('web')).properties?.failoverRecoveryPointId).toMatch(
      new RegExp(`${wanted}$`),
    );
    expect((await azure.readJob(jobId)).properties?.customDetails).toMatchObject({
      instanceType: 'FailoverJobDetails',
      protectedItemDetails: [{ name: 'web', recoveryPointId: wanted }],
    });
  });
});

describe('killed and started again', () => {
  it.each([
    ['in the lag', 2_000],
    ['in the middle of the job', MINUTE],
    ['while the item moves', 5 * MINUTE],
    ['while it copies', 15 * MINUTE],
  ])('continues where it was: %s', async (_when, after) => {
    await runToEnd(sendFailover(azure, 'web'));
    const { jobId } = await sendReprotect(azure, 'web');
    await azure.advance(after);
    const before = [await azure.readJob(jobId), await azure.listItems(), await azure.listJobs()];
    azure.killAndStart();
    expect([await azure.readJob(jobId), await azure.listItems(), await azure.listJobs()]).toEqual(before);
    await azure.advance(45 * MINUTE);
    expect((await azure.readJob(jobId)).properties?.state).toBe('Succeeded');
    expect((await azure.readItem('web', RECOVERY_SIDE)).properties?.protectionState).toBe('Protected');
  });

  it('performs the work that became due during the stop', async () => {
    const { jobId } = await sendFailover(azure, 'web');
    const { endedAt } = await (async () => {
      await azure.advance(10 * MINUTE);
      azure.killAndStart();
      return (await azure.readWrites())[0] ?? { endedAt: null };
    })();
    expect((await azure.readJob(jobId)).properties?.endTime?.getTime()).toBe(endedAt);
    expect((endedAt ?? 0) - ((await azure.readWrites())[0]?.at ?? 0)).toBeLessThan(3 * MINUTE);
  });
});

it('sets an alarm for every future event, so that a jumping clock needs no request', async () => {
  await runToEnd(sendFailover(azure, 'web'));
  await sendReprotect(azure, 'web');
  const before = azure.clock.now();
  azure.releaseClock();
  const idle = async (): Promise<number> => {
    const now = azure.clock.now();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return azure.clock.now() === now ? now : idle();
  };
  expect((await idle()) - before).toBeGreaterThan(20 * MINUTE);
  expect((await azure.readTrueItems()).find(({ name }) => name === 'web')).toMatchObject({
    state: 'protected',
    busyWith: null,
  });
});
