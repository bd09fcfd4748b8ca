// The writes of network interfaces. After enabling they correct settings that enabling cannot set.
// They always send the whole list.
import { writes } from '../../../shared/scenarios/azureToAzure/writes.ts';
import { changesAfterEnabling } from '../../../shared/scenarios/azureToAzure/changesAfterEnabling.ts';
import type { NicSettings, VmSettings } from '../../../shared/siterecovery/vmSettings.ts';
import type { ReplicatedItem, ItemSettings } from '../../../shared/siterecovery/item.ts';

const nic = (id: string, subnet: string, primary = false): NicSettings => ({
  id,
  name: id,
  primary,
  sourceSubnet: subnet,
  subnet,
  address: null,
});
const settings = (nics: readonly NicSettings[], size: string | null = null) =>
  ({ size, nics }) as unknown as VmSettings;
const item = (nics: ItemSettings['nics'], size = 'small') =>
  ({ armId: '/i', settings: { size, nics, networkId: 'network' } }) as unknown as ReplicatedItem;
const SHOWN = [
  { id: 'NIC-A', subnet: 'app', address: null },
  { id: 'nic-b', subnet: 'app', address: '10.0.0.9' },
];

test('enabling puts each interface from a wrong subnet into its own subnet [A2A-7]', () => {
  const wanted = [nic('nic-a', 'app', true), nic('nic-b', 'data')];
  expect(changesAfterEnabling(settings(wanted), item(SHOWN))).toEqual({
    nics: [{ nicId: 'nic-b', subnet: 'data' }],
  });
  expect(changesAfterEnabling(settings(wanted, 'large'), item(SHOWN))).toEqual({
    size: 'large',
    nics: [{ nicId: 'nic-b', subnet: 'data' }],
  });
  expect(
    changesAfterEnabling(settings([nic('nic-a', 'app', true), nic('nic-b', 'APP')], 'small'), item(SHOWN)),
  ).toEqual({});
  // The write includes an interface that Azure does not show, so that Azure reports the fault.
  expect(changesAfterEnabling(settings([...wanted, nic('nic-c', 'web')]), item(SHOWN)).nics).toHaveLength(2);
});

test('a change of one interface sends the other interfaces unchanged [A2A-18]', async () => {
  const sent: unknown[] = [];
  const client = {
    replicationProtectedItems: {
      beginUpdate: (...given: unknown[]) => {
        sent.push(given[5]);
        return Promise.resolve();
      },
    },
  };
  const request = {
    operation: 'updateReplication',
    item: item(SHOWN),
    change: { nics: [{ nicId: 'nic-a', subnet: 'data' }] },
  } as const;
  await writes.updateReplication(client as never, { vault: 'v', resourceGroup: 'g' }, request, {} as never);
  expect(sent).toMatchObject([
    {
      properties: {
        vmNics: [
          { nicId: 'nic-a', ipConfigs: [{ isPrimary: true, recoverySubnetName: 'data' }] },
          {
            nicId: 'nic-b',
            ipConfigs: [{ isPrimary: true, recoverySubnetName: 'app', recoveryStaticIPAddress: '10.0.0.9' }],
          },
        ],
      },
    },
  ]);
});
