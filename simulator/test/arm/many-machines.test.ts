// Ten thousand machines: pages of lists, a single machine, and all machines.
import { generateEnvironment } from '../../environments/generate.ts';
import { TestAzure, groupPath, PRODUCTION, SHOP_GROUP } from './test-azure.ts';

const MACHINES = 10_000;
let azure: TestAzure;
beforeAll(async () => {
  azure = await TestAzure.start(generateEnvironment({ vms: MACHINES }));
});
afterAll(() => azure.close());

const machines = `${groupPath(SHOP_GROUP)}/providers/Microsoft.Compute/virtualMachines`;

it.each([
  ['a page of machines', machines],
  ['a page of machines with their state', `${machines}?api-version=2024-03-01&$expand=instanceView`],
  ['a page of all resources', `/subscriptions/${PRODUCTION}/resources`],
  ['one machine', `${machines}/vm-7777`],
  ['usages', `/subscriptions/${PRODUCTION}/providers/Microsoft.Compute/locations/eastasia/usages`],
])('%s', async (_what, path) => {
  expect(await azure.sendRaw('GET', path)).toMatchObject({ status: 200 });
});

it('all pages together list every machine once', async () => {
  await azure.admin('/arm/budgets', { reads: { burst: 1000, perSecond: 1000 } });
  const names = [];
  for await (const { name } of azure.compute().virtualMachines.list(SHOP_GROUP)) names.push(name);
  expect(names).toHaveLength(MACHINES);
  expect(new Set(names).size).toBe(MACHINES);
});
