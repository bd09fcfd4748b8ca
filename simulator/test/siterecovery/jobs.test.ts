import {
  RECOVERY_SIDE,
  TestAzure,
  createClient,
  sendCommit,
  sendFailover,
  PRIMARY_SIDE,
  MINUTE,
  sendReprotect,
} from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

describe('a job', () => {
  it('shows almost no fields in its first seconds', async () => {
    await azure.admin('lag', { freshJobHidesActivityId: true });
    const { jobId } = await sendFailover(azure, 'web');
    expect((await azure.readJob(jobId)).properties).toMatchObject({
      activityId: null,
      scenarioName: null,
      friendlyName: null,
      state: 'NotStarted',
      tasks: [],
      targetObjectId: null,
      targetObjectName: null,
      targetInstanceType: 'ProtectionEntity',
      customDetails: { instanceType: 'AsrJobDetails', affectedObjectDetails: {} },
    });
    await azure.advance(4_000);
    const { properties } = await azure.readJob(jobId);
    expect(properties).toMatchObject({
      scenarioName: 'UnplannedFailover',
      friendlyName: 'Failover',
      state: 'InProgress',
      targetObjectName: 'web',
      allowedActions: ['Cancel'],
    });
    expect(properties?.activityId).toMatch(/^failover-web ActivityId: [0-9a-f-]{36}$/);
    expect(properties?.tasks?.map(({ name, state }) => `${name ?? ''} ${state ?? ''}`)).toEqual([
      'VmUfoPrerequisitesCheck InProgress',
      'VmShutdownVmOnPrimary NotStarted',
      'VmPrepareForUnPlannedFailover NotStarted',
      'VmFailover NotStarted',
      'VmFoStartVmOnSecondary NotStarted',
    ]);
    expect(properties?.tasks?.at(-1)?.startTime?.getUTCFullYear()).toBe(1);
  });

  it('shows its activity id at once', async () => {
    const { jobId } = await sendFailover(azure, 'web');
    const { properties } = await azure.readJob(jobId);
    expect(properties?.state).toBe('NotStarted');
    expect(properties?.activityId).toMatch(/^failover-web ActivityId: /);
  });

  it('appears in the list and on its item only after a configurable lag', async () => {
    const shows = async () => [
      (await azure.listJobs()).length,
      (await azure.readItem('web')).properties?.allowedOperations?.length,
    ];
    const { jobId } = await sendFailover(azure, 'web');
    expect(await shows()).toEqual([0, 3]);
    await azure.advance(5_000);
    expect(await shows()).toEqual([0, 0]);
    expect((await azure.readItem('web')).properties?.currentScenario).toMatchObject({
      scenarioName: 'UnplannedFailover',
      jobId: expect.stringMatching(new RegExp(`/replicationJobs/${jobId}$`)) as string,
    });
    await azure.advance(15_000);
    expect(await shows()).toEqual([1, 0]);
    await azure.admin('lag', { jobListSeconds: 0, itemSeconds: 0 });
    await sendFailover(azure, 'sql');
    expect((await azure.listJobs()).length).toBe(2);
    expect((await azure.readItem('sql')).properties?.allowedOperations).toEqual([]);
    expect(await azure.admin('lag', { itemSeconds: -1 })).toHaveProperty('error');
  });

  it('has few fields in the list, newest first', async () => {
    await sendFailover(azure, 'web');
    await azure.advance(1_000);
    await sendFailover(azure, 'sql');
    await azure.advance(5 * MINUTE);
    const jobs = await azure.listJobs();
    expect(jobs.map(({ properties }) => properties?.targetObjectName)).toEqual(['sql', 'web']);
    for (const { properties } of jobs)
      expect(properties).toMatchObject({
        state: 'Succeeded',
        stateDescription: 'Completed',
        activityId: null,
        tasks: [],
        errors: [],
        customDetails: null,
      });
  });

  it('takes as long as in Azure, and a different time for each item', async () => {
    const times = async () =>
      (await azure.readWrites()).map(({ at, endedAt }) => ((endedAt ?? 0) - at) / 1000);
    for (const name of ['web', 'app', 'sql']) await sendFailover(azure, name);
    await azure.advance(5 * MINUTE);
    const failovers = await times();
    for (const seconds of failovers) expect(seconds >= 139 && seconds <= 172).toBe(true);
    expect(new Set(failovers).size).toBeGreaterThan(1);
    for (const name of ['web', 'app', 'sql']) await sendCommit(azure, name);
    await azure.advance(MINUTE);
    for (const name of ['web', 'app', 'sql']) await sendReprotect(azure, name);
    await azure.advance(10 * MINUTE);
    const later = (await times()).slice(3);
    for (const seconds of later.slice(0, 3)) expect(seconds >= 1 && seconds <= 37).toBe(true);
    for (const seconds of later.slice(3)) expect(seconds >= 413 && seconds <= 505).toBe(true);
  });

  it("of a reprotect names the new item and the service's protection job", async () => {
    await sendFailover(azure, 'web');
    await azure.advance(5 * MINUTE);
    const { jobId } = await sendReprotect(azure, 'web');
    await azure.advance(4 * MINUTE);
    const { properties } = await azure.readJob(jobId);
    expect(properties?.customDetails).toMatchObject({
      instanceType: 'SwitchProtectionJobDetails',
      newReplicationProtectedItemId: (await azure.readItem('web', RECOVERY_SIDE)).id,
    });
    const states = properties?.tasks?.map(({ name, state }) => [name, state]);
    expect(states).toContainEqual(['VmCommitFailover', 'Succeeded']);
    const group = properties?.tasks?.at(-1);
    expect(group).toMatchObject({ taskType: 'GroupTaskDetails', customDetails: null });
    const child =
      (
        group?.groupTaskCustomDetails?.childTasks?.[0]?.customDetails as
          { jobTask?: { jobId?: string } } | undefined
      )?.jobTask?.jobId ?? '';
    expect((await azure.readJob(child)).properties).toMatchObject({
      scenarioName: 'EnableDr',
      state: 'InProgress',
      targetObjectName: 'web',
    });
    expect((await azure.readWrites()).map((write) => write.jobId)).not.toContain(child);
    await azure.advance(5 * MINUTE);
    expect((await azure.readJob(child)).properties?.state).toBe('Succeeded');
  });
});

describe('a write that cannot succeed', () => {
  it('is accepted on a busy item, and its job ends with 532 without a change', async () => {
    await sendFailover(azure, 'web');
    const second = await sendFailover(azure, 'web');
    expect(second.status).toBe(202);
    await azure.advance(2 * MINUTE);
    const early = (await azure.readJob(second.jobId)).properties;
    expect(early?.state).toBe('InProgress');
    expect(early?.tasks?.every(({ state }) => state === 'NotStarted')).toBe(true);
    await azure.advance(2 * MINUTE);
    const { properties } = await azure.readJob(second.jobId);
    expect(properties).toMatchObject({
      state: 'Failed',
      allowedActions: [],
      errors: [{ serviceErrorDetails: { code: '532' }, errorLevel: 'Error' }],
    });
    expect(
      properties?.tasks?.map(({ state, stateDescription }) => `${state ?? ''}/${stateDescription ?? ''}`),
    ).toEqual(Array(5).fill('Other/Skipped'));
    expect((await azure.readWrites()).map(({ jobState, errorCode }) => [jobState, errorCode])).toEqual([
      ['Succeeded', null],
      ['Failed', '532'],
    ]);
    expect((await azure.readItem('web')).properties?.activeLocation).toBe('Recovery');
  });

  it('changes nothing when it is cancelled', async () => {
    await sendFailover(azure, 'web', PRIMARY_SIDE, { sourceSiteOperations: 'Required' });
    const second = await sendFailover(azure, 'web', PRIMARY_SIDE, { sourceSiteOperations: 'Required' });
    await azure.advance(100_000);
    const before = (await azure.readTrueItems()).find(({ name }) => name === 'web')?.machines;
    expect(before?.map(({ state }) => state)).toEqual(['deallocated', 'absent']);
    await azure.sendRaw('POST', `/replicationJobs/${second.jobId}/cancel`);
    await azure.advance(10_000);
    expect((await azure.readJob(second.jobId)).properties).toMatchObject({
      state: 'Cancelled',
      allowedActions: [],
    });
    expect((await azure.readTrueItems()).find(({ name }) => name === 'web')?.machines).toEqual(before);
    await azure.advance(5 * MINUTE);
    expect(
      (await azure.readTrueItems()).find(({ name }) => name === 'web')?.machines.map(({ state }) => state),
    ).toEqual(['deallocated', 'running']);
  });

  it.each([
    ['replicates and is busy', 'web'],
    ['is being enabled', 'web-zone-1'],
  ])('removes nothing when a machine that %s is enabled again', async (_what, name) => {
    const shop = `${azure.vaultPath.replace(/\/[^/]+\/providers\/.*/, '')}/contoso-shop`;
    const container = (place: typeof PRIMARY_SIDE): string =>
      `${azure.vaultPath}/replicationFabrics/${place.fabric}/replicationProtectionContainers/${place.container}`;
    const details = {
      instanceType: 'A2A',
      fabricObjectId: `${shop}/providers/Microsoft.Compute/virtualMachines/${name}`,
      recoveryContainerId: container(RECOVERY_SIDE),
      recoveryResourceGroupId: `${shop}-recovery`,
    };
    const enable = () =>
      azure.sendRaw(
        'PUT',
        `${container(PRIMARY_SIDE).slice(azure.vaultPath.length)}/replicationProtectedItems/${name}`,
        {
          properties: {
            policyId: `${azure.vaultPath}/replicationPolicies/day-of-points`,
            providerSpecificDetails: details,
          },
        },
      );
    await (name === 'web' ? sendFailover(azure, name) : enable());
    const key = (await azure.readTrueItems()).find((item) => item.name === name)?.lifecycleId;
    await enable();
    await enable();
    await azure.advance(40 * MINUTE);
    const item = (await azure.readTrueItems()).find((one) => one.name === name);
    expect(item).toMatchObject({
      lifecycleId: key,
      busyWith: null,
      state: name === 'web' ? 'failedOver' : 'protected',
    });
    expect((await azure.readWrites()).map(({ errorCode }) => errorCode)).toEqual([null, '532', '532']);
  });

  it('is accepted in a wrong state, and fails with another code', async () => {
    const sent = [
      await sendCommit(azure, 'web'),
      await sendFailover(azure, 'app', PRIMARY_SIDE, { recoveryPointId: 'of-another-world' }),
    ];
    await azure.advance(4 * MINUTE);
    for (const { jobId } of sent)
      expect((await azure.readJob(jobId)).properties).toMatchObject({
        state: 'Failed',
        errors: [{ serviceErrorDetails: { code: '539' } }],
      });
    expect((await azure.readTrueItems()).every(({ state }) => state === 'protected')).toBe(true);
  });

  it.each(['plannedFailover', 'reProtect', 'repairReplication'])(
    'is accepted for an operation that Azure to Azure never offers: %s',
    async (operation) => {
      const answer = await azure.sendRaw(
        'POST',
        `/replicationFabrics/${PRIMARY_SIDE.fabric}/replicationProtectionContainers/${PRIMARY_SIDE.container}/replicationProtectedItems/web/${operation}`,
        { properties: {} },
      );
      expect(answer.status).toBe(202);
      await azure.advance(4 * MINUTE);
      const [job] = await azure.listJobs();
      expect((await azure.readJob(job?.name ?? '')).properties).toMatchObject({
        state: 'Failed',
        errors: [
          {
            serviceErrorDetails: {
              code: '539',
              possibleCauses: expect.stringContaining('is not allowed') as string,
            },
          },
        ],
      });
      expect(await azure.readWrites()).toMatchObject([
        { operation, itemName: 'web', jobState: 'Failed', errorCode: '539' },
      ]);
      expect(await azure.admin('unknown')).toEqual([]);
      expect((await azure.readItem('web')).properties).toMatchObject({
        protectionState: 'Protected',
        allowedOperations: ['UnplannedFailover', 'DisableProtection', 'TestFailover'],
      });
    },
  );

  it('names the disk of a reprotect that does not belong to the machine', async () => {
    await sendFailover(azure, 'web');
    await azure.advance(5 * MINUTE);
    const { jobId } = await sendReprotect(azure, 'web', PRIMARY_SIDE, {
      diskId: '/subscriptions/x/disks/web-os',
    });
    await azure.advance(4 * MINUTE);
    expect(
      (await azure.readJob(jobId)).properties?.errors?.[0]?.serviceErrorDetails?.possibleCauses,
    ).toContain("'/subscriptions/x/disks/web-os'");
    expect((await azure.readItem('web')).properties?.allowedOperations).toContain('SwitchProtection');
  });
});

describe('ordered faults', () => {
  it('make a job fail with a code, once, at the right task', async () => {
    azure.faults.add({
      id: 'quota',
      point: 'operation',
      path: '/web/unplannedFailover',
      times: 1,
      do: { kind: 'fail', code: '150097', message: 'No quota is left.' },
    });
    const { jobId } = await sendFailover(azure, 'web');
    await azure.advance(5 * MINUTE);
    const { properties } = await azure.readJob(jobId);
    expect(properties).toMatchObject({
      state: 'Failed',
      allowedActions: ['Restart'],
      errors: [{ serviceErrorDetails: { code: '150097', message: 'No quota is left.' } }],
    });
    expect(properties?.tasks?.map(({ state }) => state)).toEqual([
      'Succeeded',
      'Other',
      'Succeeded',
      'Failed',
      'Other',
    ]);
    expect((await azure.readTrueItems())[0]).toMatchObject({ state: 'protected', busyWith: null });
    await sendFailover(azure, 'web');
    await azure.advance(5 * MINUTE);
    expect((await azure.readTrueItems())[0]).toMatchObject({ state: 'failedOver' });
  });

  it('make a job end with 532 without another job', async () => {
    azure.faults.add({ id: 'busy', point: 'operation', do: { kind: 'fail', code: '532' } });
    const { jobId } = await sendFailover(azure, 'web');
    await azure.advance(10_000);
    expect((await azure.readItem('web')).properties?.allowedOperations).toContain('UnplannedFailover');
    await azure.advance(5 * MINUTE);
    expect((await azure.readJob(jobId)).properties).toMatchObject({
      state: 'Failed',
      errors: [{ serviceErrorDetails: { code: '532', message: "The operation couldn't be completed." } }],
    });
  });

  it('make a job hang, and a doomed write does not use them up', async () => {
    azure.faults.add({ id: 'stuck', point: 'operation', times: 1, do: { kind: 'stick' } });
    await sendCommit(azure, 'web');
    const { jobId } = await sendFailover(azure, 'web');
    await azure.advance(24 * 60 * MINUTE);
    const { properties } = await azure.readJob(jobId);
    expect(properties?.state).toBe('InProgress');
    expect(properties?.tasks?.map(({ state }) => state)).toEqual([
      'Succeeded',
      'Other',
      'Succeeded',
      'InProgress',
      'NotStarted',
    ]);
    expect((await azure.readItem('web')).properties?.allowedOperations).toEqual([]);
  });
});

describe('the list of writes', () => {
  it('shows request id and principal, and a colleague is another principal', async () => {
    await sendFailover(azure, 'web');
    const colleague = createClient(azure, 'colleague');
    const input = {
      properties: {
        failoverDirection: 'PrimaryToRecovery',
        providerSpecificDetails: { instanceType: 'A2A' as const },
      },
    };
    await colleague.replicationProtectedItems.beginUnplannedFailover(
      'contoso-vault',
      'contoso-recovery-services',
      PRIMARY_SIDE.fabric,
      PRIMARY_SIDE.container,
      'sql',
      input,
    );
    const lifecycleIds = new Map(
      (await azure.readTrueItems()).map(({ name, lifecycleId }) => [name, lifecycleId]),
    );
    expect(await azure.readWrites()).toMatchObject([
      {
        operation: 'unplannedFailover',
        itemName: 'web',
        principal: 'tests',
        clientRequestId: 'failover-web',
        lifecycleId: lifecycleIds.get('web'),
      },
      {
        operation: 'unplannedFailover',
        itemName: 'sql',
        principal: 'colleague',
        lifecycleId: lifecycleIds.get('sql'),
      },
    ]);
  });
});
