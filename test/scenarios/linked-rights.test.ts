// The role lacks a right on a resource in the request: Azure refuses the write, and the job reports
// this. The app is the published folder, in a place without any node_modules.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { makeNetworkId, TO_SOUTH_EAST, makeVmId } from '../support/enabling-environment.ts';
import { callAsPortalUser } from '../support/portal.ts';
import { startTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const MISSING = 'Microsoft.Network/virtualNetworks/subnets/join/action';
const TEST_NETWORK = makeNetworkId('contoso-shop-recovery', 'shop-network-recovery');
const folder = mkdtempSync(join(tmpdir(), 'lifeboat-rights-'));
const app = join(folder, 'published');
let environment: TestEnvironment;

beforeAll(async () => {
  const { linked, ...used } = agreement.armActions;
  const file = join(folder, 'agreement.json');
  writeFileSync(
    file,
    JSON.stringify({
      ...agreement,
      armActions: { ...used, linked: linked.filter((action) => action !== MISSING) },
    }),
  );
  cpSync(join(ROOT, 'dist'), app, { recursive: true });
  environment = await startTestEnvironment(['web', 'app'], { agreement: file, app });
});
afterAll(async () => {
  await environment.simulator.stop();
  rmSync(folder, { recursive: true });
});

const readVm = async (vm: string) =>
  (await environment.lifeboat.listReplications()).find(({ name }) => name === vm);
const writesOf = async (vm: string): Promise<number> =>
  (await environment.simulator.siteRecovery.writes()).filter(({ itemName }) => itemName === vm).length;

test('the published folder names its entry and no dependency, needs no build, and answers', async () => {
  const published = JSON.parse(readFileSync(join(app, 'package.json'), 'utf8')) as object;
  expect(published).toEqual({
    name: 'lifeboat',
    version: expect.any(String) as string,
    type: 'module',
    main: 'app/main.mjs',
  });
  expect(readFileSync(join(app, 'host.json'), 'utf8')).toBe(readFileSync(join(ROOT, 'host.json'), 'utf8'));
  expect((await environment.lifeboat.call('/api/v1/replications', { principal: 'reader' })).status).toBe(200);
});

test('a test failover without the right to join its network fails at once (1.1) [OP-1]', async () => {
  const job = await environment.lifeboat.runToEnd({
    operation: 'testFailover',
    vms: [(await readVm('web'))?.id],
    networkId: TEST_NETWORK,
  });
  expect(job).toMatchObject({
    state: 'failed',
    steps: [{ state: 'failed', attempts: 1, error: { code: 'LinkedAuthorizationFailed' } }],
  });
  expect(job.steps[0]?.error?.message).toContain(MISSING);
  expect(job.steps[0]?.error?.message).toContain(TEST_NETWORK);
  expect(await writesOf('web')).toBe(0);
  expect((await readVm('web'))?.state).toBe('protected');
});

test('enabling stops at the first write that names the network, and no VM is enabled (1.1) [A2A-17]', async () => {
  const sent = await environment.lifeboat.send(
    { operation: 'enableReplication', vms: [makeVmId('web-zone-1')], target: TO_SOUTH_EAST },
    'enable',
    { principal: 'owner' },
  );
  const job = await environment.lifeboat.waitForJobEnd(sent.body.id);
  expect(job.state).toBe('failed');
  const refused = job.steps.filter(({ error }) => error?.code === 'LinkedAuthorizationFailed');
  expect(refused.length).toBeGreaterThan(0);
  for (const { error } of refused) expect(error?.message).toContain(MISSING);
  expect(job.steps.find(({ name }) => name === 'web-zone-1')?.state).not.toBe('succeeded');
});

test('requests without a network succeed, and a colleague with more rights may use it [OP-2]', async () => {
  const body = {
    properties: {
      failoverDirection: 'PrimaryToRecovery',
      networkType: 'VmNetworkAsInput',
      networkId: TEST_NETWORK,
      providerSpecificDetails: { instanceType: 'A2A' },
    },
  };
  expect(
    (
      await callAsPortalUser(
        environment.simulator,
        'POST',
        `${(await readVm('app'))?.armId}/testFailover`,
        body,
      )
    ).status,
  ).toBe(202);
  await environment.lifeboat.waitFor(
    async () => ((await readVm('app'))?.state === 'testing' ? true : undefined),
    'the test VM of the colleague',
  );
  expect(
    await environment.lifeboat.runToEnd({ operation: 'failover', vms: [(await readVm('app'))?.id] }),
  ).toMatchObject({
    state: 'completed',
    exceptions: [],
  });
});
