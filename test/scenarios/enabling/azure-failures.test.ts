// Azure's faults while a command enables VMs: the job ends with the true outcome, and the app
// creates nothing twice.
import {
  makeContosoWith,
  EnablingEnvironment,
  PRODUCTION,
  makeShopVm,
  makeVmId,
} from '../../support/enabling-environment.ts';
import type { Job } from '../../support/lifeboat-client.ts';
import { callAsPortalUser } from '../../support/portal.ts';
import { withFault, type NewFaultRule } from '../../support/test-environment.ts';

const NAMES = Array.from({ length: 12 }, (_, i) => `bad-${i + 1}`);

let environment: EnablingEnvironment;
let next = 0;
beforeAll(async () => {
  environment = await EnablingEnvironment.start({
    environment: makeContosoWith({ virtualMachines: NAMES.map((name) => makeShopVm(name)) }),
    env: { LIFEBOAT_SEND_TIMEOUT_SECONDS: '1' },
  });
});
afterAll(() => environment.stop());

const takeVmName = (): string => {
  const name = NAMES[next++];
  if (name === undefined) throw new Error('The environment is used up.');
  return name;
};
/** Another vault and resource group for each test, so that the app must create everything. */
const ownVaultAndGroup = (name: string) => ({
  vault: { name: `vault-${name}`, subscription: PRODUCTION, resourceGroup: 'contoso-recovery-services' },
  target: { region: 'southeastasia', resourceGroup: `group-${name}` },
});
const enableUnderFault = (name: string, rule: NewFaultRule, request: object) =>
  withFault(environment.simulator, rule, () =>
    environment.enable({ vms: [makeVmId(name)], ...request }, 'owner'),
  );
/** Site Recovery's own count of accepted Enable requests. */
async function countEnableWrites(job: Job, name: string): Promise<number> {
  const itemName = job.steps
    .find((step) => step.name === name)
    ?.armIdAfter?.split('/')
    .at(-1);
  return (await environment.simulator.siteRecovery.writes()).filter(
    (write) => write.operation === 'enable' && write.jobState !== 'Failed' && write.itemName === itemName,
  ).length;
}

const TOO_MANY: NewFaultRule['do'] = {
  kind: 'status',
  status: 429,
  headers: { 'retry-after': '17' },
  body: { error: { code: 'TooManyRequests', message: 'slow down' } },
};
const IN_PROGRESS: NewFaultRule['do'] = {
  kind: 'status',
  status: 409,
  body: { error: { code: 'AnotherOperationInProgress', message: 'Somebody makes it now.' } },
};
const faultOnPut = (
  path: string,
  point: NewFaultRule['point'],
  action: NewFaultRule['do'],
): NewFaultRule => ({
  service: 'arm',
  method: 'PUT',
  path,
  point,
  times: 1,
  do: action,
});

/** Runs the test under all of these faults. Returns how often each fault acted. */
async function runUnderFaults<T>(
  rules: readonly NewFaultRule[],
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly acted: readonly number[] }> {
  const [first, ...others] = rules;
  if (!first) return { result: await act(), acted: [] };
  const {
    result: { result, acted: rest },
    acted,
  } = await withFault(environment.simulator, first, () => runUnderFaults(others, act));
  return { result, acted: [acted, ...rest] };
}

describe('writes that Azure throttles, loses, or completes without an answer', () => {
  test('each prerequisite exists once, whatever happened to its first write [OP-6] [VAULT-2]', async () => {
    const name = takeVmName();
    const request = { vms: [makeVmId(name), makeVmId('search')], ...ownVaultAndGroup(name) };
    const cases = [
      [`group-${name}`, faultOnPut(`/resourcegroups/group-${name}\\?`, 'received', TOO_MANY), 2],
      [`vault-${name}`, faultOnPut(`/vaults/vault-${name}\\?`, 'applied', { kind: 'cut' }), 1],
      ['shop-network-asr', faultOnPut('/virtualNetworks/', 'applied', { kind: 'status', status: 500 }), 1],
      ['shop-near-asr', faultOnPut('/proximityPlacementGroups/', 'received', IN_PROGRESS), 2],
      [
        'fabric-eastasia',
        faultOnPut('/replicationFabrics/fabric-eastasia\\?', 'received', { kind: 'status', status: 500 }),
        2,
      ],
      [
        'fabric-southeastasia',
        faultOnPut('/replicationFabrics/fabric-southeastasia\\?', 'applied', { kind: 'cut' }),
        1,
      ],
      ['retention-24h-snapshots-1h', faultOnPut('/replicationPolicies/', 'received', TOO_MANY), 2],
      [
        'container-eastasia',
        faultOnPut('/replicationProtectionContainers/container-eastasia\\?', 'received', { kind: 'cut' }),
        2,
      ],
      [
        'eastasia-to-southeastasia-retention-24h-snapshots-1h',
        faultOnPut('/container-eastasia/replicationProtectionContainerMappings/', 'applied', {
          kind: 'status',
          status: 503,
        }),
        1,
      ],
    ] as const;
    const { result: done, acted } = await runUnderFaults(
      cases.map(([, rule]) => rule),
      () => environment.enable(request, 'owner'),
    );
    expect(acted).toEqual(cases.map(() => 1));
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    const attempts = new Map(done.steps.map((step) => [step.name, step.attempts]));
    expect(cases.map(([part]) => [part, attempts.get(part)])).toEqual(
      cases.map(([part, , times]) => [part, times]),
    );
    expect(await countEnableWrites(done, name)).toBe(1);
  });

  test('Azure enabled each VM once [OP-6] [A2A-17] [A2A-20]', async () => {
    const names = [takeVmName(), takeVmName(), takeVmName(), takeVmName()];
    const request = { vms: names.map((name) => makeVmId(name)) };
    const items = (await environment.readPreview(request)).vms.map(
      ({ itemId }) => `/replicationProtectedItems/${itemId.split('/').at(-1) ?? ''}\\?`,
    );
    const kinds = [
      ['received', TOO_MANY, 2],
      ['received', { kind: 'status', status: 500 }, 2],
      ['applied', { kind: 'cut' }, 1],
      ['applied', { kind: 'delay', milliseconds: 1500 }, 1],
    ] as const;
    const rules = kinds.map(([point, action], at) => faultOnPut(items[at] ?? '', point, action));
    const { result: done, acted } = await runUnderFaults(rules, () => environment.enable(request, 'owner'));
    expect(acted).toEqual([1, 1, 1, 1]);
    expect(done).toMatchObject({ state: 'completed', exceptions: [] });
    for (const [at, name] of names.entries()) {
      expect(done.steps.find((step) => step.name === name)).toMatchObject({
        state: 'succeeded',
        attempts: kinds[at]?.[2],
      });
      expect(await countEnableWrites(done, name)).toBe(1);
      expect(await environment.findReplication(name)).toMatchObject({ state: 'protected' });
    }
  });
});

describe('refused or failed writes', () => {
  const failing = async (name: string, request: object) =>
    (
      await withFault(
        environment.simulator,
        {
          point: 'operation',
          vm: name,
          times: 1,
          do: { kind: 'fail', code: '151025', message: 'The agent could not be installed.' },
        },
        () => environment.enable(request, 'owner'),
      )
    ).result;

  test('a failed prerequisite excludes its VMs, and a second command succeeds [A2A-17] [VAULT-2]', async () => {
    const name = takeVmName();
    const request = ownVaultAndGroup(name);
    const { result: done, acted } = await enableUnderFault(
      name,
      {
        point: 'operation',
        path: '/replicationProtectionContainers/container-southeastasia',
        times: 1,
        do: { kind: 'fail', code: '150001', message: 'The container could not be made.' },
      },
      request,
    );
    expect(acted).toBe(1);
    expect(done.state).toBe('failed');
    expect(done.exceptions).toContainEqual(
      expect.objectContaining({
        targetName: 'container-southeastasia',
        state: 'failed',
        code: '150001',
        message: expect.stringContaining('The container could not be made.') as string,
      }),
    );
    expect(done.exceptions).toContainEqual(
      expect.objectContaining({
        targetName: name,
        state: 'skipped',
        code: 'EarlierPhaseFailed',
        message: expect.stringContaining('container-southeastasia') as string,
      }),
    );
    expect(await environment.enable({ vms: [makeVmId(name)], ...request })).toMatchObject({
      state: 'completed',
      exceptions: [],
    });
  });

  test('a write that Azure forbids ends its step at once with its reason [A2A-17] [VAULT-2]', async () => {
    const name = takeVmName();
    const { result: done } = await enableUnderFault(
      name,
      {
        service: 'arm',
        method: 'PUT',
        path: '/virtualNetworks/',
        point: 'received',
        times: 1,
        do: {
          kind: 'status',
          status: 403,
          body: { error: { code: 'AuthorizationFailed', message: 'The client has no right.' } },
        },
      },
      ownVaultAndGroup(name),
    );
    expect(done).toMatchObject({ state: 'failed' });
    expect(done.exceptions).toContainEqual(
      expect.objectContaining({
        targetName: 'shop-network-asr',
        code: 'AuthorizationFailed',
        message: expect.stringContaining('The client has no right.') as string,
      }),
    );
  });

  test('disabling removes a VM whose Enable job has failed [A2A-2] [A2A-17] [A2A-20]', async () => {
    const [bad, good] = [takeVmName(), takeVmName()];
    const both = { vms: [makeVmId(bad), makeVmId(good)] };
    const done = await failing(bad, both);
    expect(done).toMatchObject({
      state: 'completedWithExceptions',
      exceptions: [
        {
          targetName: bad,
          state: 'failed',
          code: '151025',
          message: expect.stringContaining('The agent could not be installed.') as string,
        },
      ],
    });
    expect(await environment.findReplication(good)).toMatchObject({ state: 'protected' });
    const before = environment.listArmWrites();
    const again = await environment.enable(both);
    expect(again).toMatchObject({
      state: 'completedWithExceptions',
      exceptions: [
        {
          targetName: bad,
          code: 'EnablingFailedBefore',
          message: expect.stringMatching(/[Dd]isable.*enable it again/) as string,
        },
      ],
    });
    expect(environment.listArmWrites()).toEqual(before);
    expect((await environment.readPreview({ vms: [makeVmId(bad)] })).vms).toMatchObject([
      { verdict: 'refused', refusals: [{ code: 'EnablingFailedBefore' }] },
    ]);
    const left = await environment.waitForReplication(bad);
    expect(left).toMatchObject({
      state: 'enablingFailed',
      allowed: ['disableReplication'],
      protectionState: 'EnablingFailed',
    });
    expect((await environment.lifeboat.call(`/api/v1/replications/${left.id}`)).body).toMatchObject({
      id: left.id,
      jobs: [{ operation: 'EnableDr', state: 'Failed', errors: [{ code: '151025' }] }],
    });
    expect(
      await environment.sendRefused({ operation: 'failover', vms: [left.id] }, 'operator'),
    ).toMatchObject({
      status: 409,
      code: 'OperationNotAllowed',
      detail: expect.stringContaining('enablingFailed and allows disableReplication') as string,
    });
    expect(await environment.runJob({ operation: 'disableReplication', vms: [left.id] })).toMatchObject({
      state: 'completed',
      exceptions: [],
      steps: [{ state: 'succeeded', attempts: 1 }],
    });
    expect(await environment.findReplication(bad)).toBeUndefined();
    expect(await environment.enable(both)).toMatchObject({ state: 'completed', exceptions: [] });
    expect(await environment.findReplication(bad)).toMatchObject({ state: 'protected' });
    // The item has another name, because Azure does not accept the first name again.
    expect((await environment.waitForReplication(bad)).armId.toLowerCase()).not.toBe(
      left.armId.toLowerCase(),
    );
  });

  test('the portal removes a VM whose Enable job has failed [A2A-20] [OP-10] [OP-11]', async () => {
    const bad = takeVmName();
    await failing(bad, { vms: [makeVmId(bad)] });
    const { id, armId } = await environment.waitForReplication(bad);
    expect(
      (await callAsPortalUser(environment.simulator, 'POST', `${armId}/remove`, { properties: {} })).status,
    ).toBe(202);
    await environment.lifeboat.waitFor(
      async () => ((await environment.readResource(armId)) ? undefined : true),
      'the item gone',
    );
    expect(await environment.enable({ vms: [makeVmId(bad)] })).toMatchObject({
      state: 'completed',
      exceptions: [],
    });
    await environment.lifeboat.waitFor(
      async () =>
        (await environment.lifeboat.listReplications()).some((replication) => replication.id === id)
          ? undefined
          : true,
      'the failed one gone from the list',
    );
    expect((await environment.lifeboat.listReplications()).filter(({ name }) => name === bad)).toMatchObject([
      { state: 'protected' },
    ]);
  });
});

test('two commands at once create and enable everything once [VAULT-2] [A2A-17] [A2A-20]', async () => {
  const [text, other] = [takeVmName(), takeVmName()];
  const request = ownVaultAndGroup(text);
  const jobs = await Promise.all(
    [
      { ...request, vms: [makeVmId(text)] },
      { ...request, vms: [makeVmId(other)] },
    ].map((each) => environment.enable(each, 'owner')),
  );
  for (const [at, name] of [text, other].entries()) {
    const job = jobs[at];
    expect(job).toMatchObject({ state: 'completed', exceptions: [] });
    expect(job && (await countEnableWrites(job, name))).toBe(1);
    expect(await environment.findReplication(name)).toMatchObject({ state: 'protected' });
  }
  const made = environment
    .listArmWrites()
    .filter((write) => write.includes(`vault-${text}`) || write.includes(`group-${text}`));
  const often = [...Map.groupBy(made, (write) => write.toLowerCase())].map(([, its]) => its.length);
  expect(Math.max(...often)).toBeLessThanOrEqual(2);
});
