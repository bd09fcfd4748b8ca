import { generateEnvironment } from '../../environments/generate.ts';
import { TestAzure, DEVELOPMENT, groupPath, PRODUCTION, SHOP_GROUP, type RawAnswer } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start(generateEnvironment({ vms: 1 }));
});
afterEach(() => azure.close());

const READ = `/subscriptions/${PRODUCTION}/locations`;
const left = ({ headers }: RawAnswer, kind: string): number =>
  Number(headers[`x-ms-ratelimit-remaining-subscription-${kind}`]);
const as = (principal: string) => ({ authorization: `Bearer ${principal}` });
const small = () =>
  azure.admin('/arm/budgets', { reads: { burst: 3, perSecond: 0.5 }, writes: { burst: 2, perSecond: 1 } });

it('every answer shows the remaining calls of its own kind', async () => {
  const read = await azure.sendRaw('GET', READ);
  expect([left(read, 'reads'), left(read, 'global-reads')]).toEqual([249, 3749]);
  expect(left(await azure.sendRaw('PUT', groupPath('one'), { location: 'eastasia' }), 'writes')).toBe(199);
  expect(left(await azure.sendRaw('DELETE', groupPath('none')), 'deletes')).toBe(199);
  expect(
    left(
      await azure.sendRaw('GET', `${groupPath(SHOP_GROUP)}/providers/Microsoft.Compute/disks/none`),
      'reads',
    ),
  ).toBe(248);
  expect((await azure.sendRaw('GET', '/tenants')).headers).toMatchObject({
    'x-ms-ratelimit-remaining-tenant-reads': '249',
  });
});

it("Site Recovery's answers show the same budget and no other", async () => {
  const answer = await azure.sendRaw(
    'GET',
    `${groupPath('contoso-recovery-services')}/providers/Microsoft.RecoveryServices/vaults/contoso-vault/replicationJobs`,
  );
  expect(left(answer, 'reads')).toBe(249);
});

it('an empty budget answers 429 until simulated time has refilled it', async () => {
  await small();
  const statuses = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await azure.sendRaw('GET', READ)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  const refused = await azure.sendRaw('GET', READ);
  expect(refused).toMatchObject({
    headers: { 'retry-after': '2' },
    body: { error: { code: 'SubscriptionRequestsThrottled' } },
  });
  expect(await azure.admin('/arm/calls')).toEqual({ taken: 3, throttled: 2 });
  await azure.advance(1_999);
  expect((await azure.sendRaw('GET', READ)).status).toBe(429);
  await azure.advance(1);
  expect((await azure.sendRaw('GET', READ)).status).toBe(200);
  expect((await azure.sendRaw('GET', READ)).status).toBe(429);
  await azure.advance(3_600_000);
  expect(left(await azure.sendRaw('GET', READ), 'reads')).toBe(2);
});

it('a refused write changes nothing', async () => {
  await small();
  for (const name of ['one', 'two', 'three'])
    await azure.sendRaw('PUT', groupPath(name), { location: 'eastasia' });
  expect(azure.world.get(groupPath('two'))).toBeDefined();
  expect(azure.world.get(groupPath('three'))).toBeUndefined();
});

it('each principal has a budget in each subscription, and all together have fifteen times as much', async () => {
  await small();
  for (let count = 0; count < 3; count += 1) await azure.sendRaw('GET', READ);
  expect((await azure.sendRaw('GET', READ, undefined, as('other'))).status).toBe(200);
  expect((await azure.sendRaw('GET', `/subscriptions/${DEVELOPMENT}/locations`)).status).toBe(200);
  expect((await azure.sendRaw('PUT', groupPath('one'), { location: 'eastasia' })).status).toBe(201);
  const statuses = [];
  for (let count = 0; count < 45; count += 1)
    statuses.push((await azure.sendRaw('GET', READ, undefined, as(`principal-${count}`))).status);
  // 45 in all; the test used four of them above.
  expect(statuses.lastIndexOf(200)).toBe(40);
  expect(statuses.slice(41)).toEqual([429, 429, 429, 429]);
});

it('settings survive a kill, and invalid settings are refused', async () => {
  await small();
  azure.killAndStart();
  expect(await azure.admin('/arm/budgets')).toEqual({
    reads: { burst: 3, perSecond: 0.5 },
    writes: { burst: 2, perSecond: 1 },
    deletes: { burst: 200, perSecond: 10 },
  });
  expect(await azure.admin('/arm/budgets', { reads: { burst: 0, perSecond: 1 } })).toMatchObject({
    message: expect.stringContaining('burst') as string,
  });
});
