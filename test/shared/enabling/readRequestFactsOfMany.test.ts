// The number of reads in a survey does not depend on the number of machines.
import { generateEnvironment } from '../../../simulator/environments/generate.ts';
import { readRequestFacts } from '../../../shared/enabling/readRequestFacts.ts';
import { PrepareRequest } from '../../../shared/scenarios/azureToAzure/enabling/request/request.ts';
import { startSimulatedAzure, type SimulatedAzure } from '../../support/simulated-azure.ts';

const VMS = 1200;
const GROUP = '/subscriptions/2f7a1f0c-9f1b-4a43-8a55-6d0f3b1c2e77/resourceGroups';
let azure: SimulatedAzure;
beforeAll(async () => {
  azure = await startSimulatedAzure(generateEnvironment({ vms: VMS }));
});
afterAll(() => azure.close());

test('a survey of 1,200 machines reads 23 lists and no single machine [A2A-17]', async () => {
  const of = async (count: number): Promise<readonly string[]> => {
    const vms = Array.from(
      { length: count },
      (_, at) =>
        `${GROUP}/contoso-shop/providers/Microsoft.Compute/virtualMachines/vm-${String(at + 1).padStart(4, '0')}`,
    );
    const vault = {
      id: `${GROUP}/contoso-recovery-services/providers/Microsoft.RecoveryServices/vaults/contoso-vault`,
    };
    const facts = await readRequestFacts(
      PrepareRequest.parse({ target: { region: 'southeastasia' }, vault, vms }),
      {},
    );
    expect(facts.vms.filter(({ power, agentReady }) => power === 'running' && agentReady)).toHaveLength(VMS);
    expect(facts.vault?.items).toHaveLength(VMS);
    return azure.readNewRequests();
  };
  const many = await of(VMS);
  const lists = [...new Set(many.map((read) => read.replace(/&(%24|\$)skip.*$/i, '')))];
  expect(lists).toHaveLength(23);
  const pages = Map.groupBy(many, (read) => /\/([^/?]+)\?/.exec(read)?.[1]);
  // Pages of 500 machines, and of 200 items with an empty last page. The survey lists machines
  // twice, for their model and for their state.
  expect(
    ['virtualMachines', 'disks', 'networkInterfaces', 'replicationProtectedItems'].map(
      (name) => pages.get(name)?.length,
    ),
  ).toEqual([6, 5, 3, 7]);
  expect(many).toHaveLength(23 + 3 * 2 + 4 + 6);
  expect(many.every((read) => read.startsWith('GET '))).toBe(true);
  expect([...(await of(3))].sort()).toEqual([...many].sort());
});
