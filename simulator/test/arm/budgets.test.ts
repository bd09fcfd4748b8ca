import { generateEnvironment } from '../../environments/generate.ts';
import { Azure, DEVELOPMENT, groupPath, PRODUCTION, SHOP, type RawAnswer } from './azure.ts';

let azure: Azure;
beforeEach(async () => {
  azure = await Azure.start(generateEnvironment({ vms: 1 }));
});
afterEach(() => azure.close());

const READ = `/subscriptions/${PRODUCTION}/locations`;
const left = ({ headers }: RawAnswer, kind: string): number =>
  Number(headers[`x-ms-ratelimit-remaining-subscription-${kind}`]);
const as = (principal: string) => ({ authorization: `Bearer ${principal}` });
const small = () =>
  azure.admin('/arm/budgets', { reads: { burst: 3, perSecond: 0.5 }, writes: { burst: 2, perSecond: 1 } });

it('every answer tells what is left, of its own kind', async () => {
  const read = await azure.raw('GET', READ);
  expect([left(read, 'reads'), left(read, 'global-reads')]).toEqual([249, 3749]);
  expect(left(await azure.raw('PUT', groupPath('one'), { location: 'eastasia' }), 'writes')).toBe(199);
  expect(left(await azure.raw('DELETE', groupPath('none')), 'deletes')).toBe(199);
  expect(
    left(await azure.raw('GET', `${groupPath(SHOP)}/providers/Microsoft.Compute/disks/none`), 'reads'),
  ).toBe(248);
  expect((await azure.raw('GET', '/tenants')).headers).toMatchObject({
    'x-ms-ratelimit-remaining-tenant-reads': '249',
  });
});

it("Site Recovery's answers tell it too, and nothing of their own", async () => {
  const answer = await azure.raw(
    'GET',
    `${groupPath('contoso-recovery-services')}/providers/Microsoft.RecoveryServices/vaults/contoso-vault/replicationJobs`,
  );
  expect(left(answer, 'reads')).toBe(249);
});

it('an empty budget answers 429 until story time has filled it', async () => {
  await small();
  const statuses = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await azure.raw('GET', READ)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
  const refused = await azure.raw('GET', READ);
  expect(refused).toMatchObject({
    headers: { 'retry-after': '2' },
    body: { error: { code: 'SubscriptionRequestsThrottled' } },
  });
  expect(await azure.admin('/arm/calls')).toEqual({ taken: 3, throttled: 2 });
  await azure.wait(1_999);
  expect((await azure.raw('GET', READ)).status).toBe(429);
  await azure.wait(1);
  expect((await azure.raw('GET', READ)).status).toBe(200);
  expect((await azure.raw('GET', READ)).status).toBe(429);
  await azure.wait(3_600_000);
  expect(left(await azure.raw('GET', READ), 'reads')).toBe(2);
});

it('a refused write does nothing', async () => {
  await small();
  for (const name of ['one', 'two', 'three'])
    await azure.raw('PUT', groupPath(name), { location: 'eastasia' });
  expect(azure.world.get(groupPath('two'))).toBeDefined();
  expect(azure.world.get(groupPath('three'))).toBeUndefined();
});

it('each principal has its own in each subscription, and all together fifteen times as much', async () => {
  await small();
  for (let count = 0; count < 3; count += 1) await azure.raw('GET', READ);
  expect((await azure.raw('GET', READ, undefined, as('other'))).status).toBe(200);
  expect((await azure.raw('GET', `/subscriptions/${DEVELOPMENT}/locations`)).status).toBe(200);
  expect((await azure.raw('PUT', groupPath('one'), { location: 'eastasia' })).status).toBe(201);
  const statuses = [];
  for (let count = 0; count < 45; count += 1)
    statuses.push((await azure.raw('GET', READ, undefined, as(`principal-${count}`))).status);
  // 45 in all, of which four were taken above.
  expect(statuses.lastIndexOf(200)).toBe(40);
  expect(statuses.slice(41)).toEqual([429, 429, 429, 429]);
});

it('what was set stays over a kill, and what makes no sense is not set', async () => {
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
