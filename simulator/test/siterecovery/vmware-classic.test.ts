import type {
  InMageAzureV2ReplicationDetails,
  Job,
  ReplicationProtectedItem,
  VMwareDetails,
} from '@azure/arm-recoveryservices-siterecovery';

import {
  groupId,
  RECOVERY_GROUP,
  refusal,
  resourceId,
  startHarbour,
  succeeds,
  waitForState,
} from './harbour.ts';
import { all, MINUTE, sendWrite, VAULT_GROUP, type TestAzure } from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await startHarbour();
});
afterEach(() => azure.close());

const CLASSIC = 'contoso-classic-vault';
const FABRIC = 'lighthouse-config';
const VCENTER = 'vcenter-lighthouse';
type Call = Parameters<typeof sendWrite>[0];

const run = (call: Call): Promise<Job> => succeeds(azure, call, CLASSIC);
const refused = (call: Call): Promise<string> => refusal(azure, call, CLASSIC);
const policyId = (name: string): string =>
  `${azure.vaultPath.replace('contoso-vault', CLASSIC)}/replicationPolicies/${name}`;

async function fabricDetails(): Promise<VMwareDetails> {
  const { properties } = await azure.client.replicationFabrics.get(CLASSIC, VAULT_GROUP, FABRIC);
  return properties?.customDetails as VMwareDetails;
}

async function containerName(): Promise<string> {
  const [container] = await all(
    azure.client.replicationProtectionContainers.listByReplicationFabrics(CLASSIC, VAULT_GROUP, FABRIC),
  );
  return container?.name ?? '';
}

const processServer = async (name = 'lighthouse-process'): Promise<string> =>
  (await fabricDetails()).processServers?.find(({ friendlyName }) => friendlyName === name)?.id ?? '';
const account = async (name: string): Promise<string> =>
  (await fabricDetails()).runAsAccounts?.find(({ accountName }) => accountName === name)?.accountId ?? '';

async function vCenter(changes: Readonly<Record<string, string>> = {}, name = VCENTER): Promise<Call> {
  const properties = {
    friendlyName: VCENTER,
    ipAddress: '10.50.0.10',
    processServerId: await processServer(),
    port: '443',
    runAsAccountId: await account('vcenter-reader'),
    ...changes,
  };
  return (options) =>
    azure.client.replicationvCenters.beginCreate(CLASSIC, VAULT_GROUP, FABRIC, name, { properties }, options);
}

const removeVCenter: Call = (options) =>
  azure.client.replicationvCenters.beginDelete(CLASSIC, VAULT_GROUP, FABRIC, VCENTER, options);

const protectableItems = async () =>
  all(
    azure.client.replicationProtectableItems.listByReplicationProtectionContainers(
      CLASSIC,
      VAULT_GROUP,
      FABRIC,
      await containerName(),
    ),
  );

/** One machine that replicates through the configuration server. */
class ClassicMachine {
  readonly name: string;
  readonly container: string;
  constructor(name: string, container: string) {
    this.name = name;
    this.container = container;
  }

  readonly #items = azure.client.replicationProtectedItems;
  #args = (): [string, string, string, string, string] => [
    CLASSIC,
    VAULT_GROUP,
    FABRIC,
    this.container,
    this.name,
  ];

  static async find(friendlyName: string): Promise<ClassicMachine> {
    const items = await all(azure.client.replicationProtectedItems.list(CLASSIC, VAULT_GROUP));
    const found = items.find(({ properties }) => properties?.friendlyName === friendlyName);
    return new ClassicMachine(found?.name ?? '', await containerName());
  }

  read = (): Promise<ReplicationProtectedItem> => this.#items.get(...this.#args());
  waitFor = (state: string) => waitForState(azure, this.read, state);

  enable =
    (protectableItemId: string, details: Readonly<Record<string, unknown>>): Call =>
    (options) =>
      this.#items.beginCreate(
        ...this.#args(),
        {
          properties: {
            policyId: policyId('lighthouse-policy'),
            protectableItemId,
            providerSpecificDetails: { instanceType: 'InMageAzureV2', ...details },
          },
        },
        options,
      );

  failOver =
    (instanceType: 'InMage' | 'InMageAzureV2', failoverDirection: string): Call =>
    (options) =>
      this.#items.beginUnplannedFailover(
        ...this.#args(),
        {
          properties: {
            failoverDirection,
            sourceSiteOperations: 'Required',
            providerSpecificDetails: { instanceType, recoveryPointType: 'LatestTime' },
          },
        },
        options,
      );

  commit: Call = (options) => this.#items.beginFailoverCommit(...this.#args(), options);

  reprotect =
    (
      failoverDirection: string,
      providerSpecificDetails:
        | {
            instanceType: 'InMage';
            masterTargetId: string;
            processServerId: string;
            retentionDrive: string;
            profileId: string;
            datastoreName: string;
          }
        | { instanceType: 'InMageAzureV2'; processServerId: string; policyId: string },
    ): Call =>
    (options) =>
      this.#items.beginReprotect(
        ...this.#args(),
        { properties: { failoverDirection, providerSpecificDetails } },
        options,
      );

  update =
    (properties: Readonly<Record<string, unknown>>): Call =>
    (options) =>
      this.#items.beginUpdate(...this.#args(), { properties }, options);
}

describe('a configuration server', () => {
  it('lists its process servers and run-as accounts', async () => {
    const { processServers, runAsAccounts, masterTargetServers } = await fabricDetails();
    expect(processServers?.map(({ friendlyName }) => friendlyName)).toEqual([
      'lighthouse-config',
      'lighthouse-process',
    ]);
    expect(runAsAccounts?.map(({ accountName }) => accountName)).toEqual([
      'vcenter-reader',
      'windows-installer',
    ]);
    expect(masterTargetServers?.length).toBeGreaterThan(0);
  });

  it('finds machines when a vCenter is added, and none when it is gone', async () => {
    await run(removeVCenter);
    expect(await protectableItems()).toEqual([]);
    await run(await vCenter());
    const added = await azure.client.replicationvCenters.get(CLASSIC, VAULT_GROUP, FABRIC, VCENTER);
    expect(added.properties).toMatchObject({
      friendlyName: 'vcenter-lighthouse',
      ipAddress: '10.50.0.10',
      discoveryStatus: 'Completed',
    });
    expect(
      (await protectableItems()).map(({ properties }) => [
        properties?.friendlyName,
        properties?.protectionStatus,
      ]),
    ).toEqual([
      ['lamp', 'Protected'],
      ['horn', 'Protected'],
      ['keeper', 'Unprotected'],
    ]);
    await run((options) =>
      azure.client.replicationvCenters.beginUpdate(
        CLASSIC,
        VAULT_GROUP,
        FABRIC,
        VCENTER,
        { properties: { ipAddress: '10.50.0.99' } },
        options,
      ),
    );
    const [moved] = await all(azure.client.replicationvCenters.list(CLASSIC, VAULT_GROUP));
    expect(moved?.properties).toMatchObject({ ipAddress: '10.50.0.99', discoveryStatus: 'Failed' });
    expect(await protectableItems()).toEqual([]);
  });

  it.each([
    ['process server', { processServerId: '00000000-0000-0000-0000-000000000001' }],
    ['account', { runAsAccountId: '77' }],
    ['port', { port: '' }],
  ])('refuses a vCenter with an unknown %s', async (_name, changes) => {
    await run(removeVCenter);
    await expect(sendWrite(await vCenter(changes))).resolves.toMatchObject({ status: 400 });
    expect(await all(azure.client.replicationvCenters.list(CLASSIC, VAULT_GROUP))).toEqual([]);
  });

  it('refuses a vCenter under a second name', async () => {
    await expect(sendWrite(await vCenter({}, 'another'))).resolves.toMatchObject({ status: 400 });
  });

  it('is not created by a client', async () => {
    const path = azure.vaultPath.replace('contoso-vault', CLASSIC);
    expect(
      await azure.sendRaw('PUT', `${path}/replicationFabrics/another`, {
        properties: { customDetails: { instanceType: 'VMware' } },
      }),
    ).toMatchObject({ status: 400 });
  });
});

describe('a machine of a configuration server', () => {
  async function enableKeeper(details: Readonly<Record<string, unknown>> = {}) {
    const keeper = (await protectableItems()).find(({ properties }) => properties?.friendlyName === 'keeper');
    const machine = new ClassicMachine(keeper?.name ?? '', await containerName());
    const call = machine.enable(keeper?.id ?? '', {
      processServerId: await processServer(),
      runAsAccountId: await account('windows-installer'),
      targetAzureV2ResourceGroupId: groupId(azure, RECOVERY_GROUP),
      targetAzureNetworkId: resourceId(
        azure,
        'Microsoft.Network/virtualNetworks',
        'harbour-network-recovery',
      ),
      targetAzureSubnetId: 'quay',
      logStorageAccountId: resourceId(azure, 'Microsoft.Storage/storageAccounts', 'harbourlogs'),
      diskType: 'Premium_LRS',
      ...details,
    });
    return { machine, call };
  }

  it('is enabled from the list of the vCenter with a process server and an account', async () => {
    const { machine, call } = await enableKeeper();
    await run(call);
    const item = await machine.waitFor('Protected');
    expect(item.properties).toMatchObject({
      friendlyName: 'keeper',
      primaryFabricProvider: 'VMware',
      providerSpecificDetails: { instanceType: 'InMageAzureV2', processServerName: 'lighthouse-process' },
    });
    expect(
      (await protectableItems()).find(({ properties }) => properties?.friendlyName === 'keeper')?.properties,
    ).toMatchObject({ protectionStatus: 'Protected', replicationProtectedItemId: item.id });
  });

  it.each([
    ['an unknown account', { runAsAccountId: '77' }, "The account '77' does not exist"],
    ['an unknown process server', { processServerId: 'none' }, "The process server 'none' is not registered"],
  ])('is not enabled with %s', async (_name, details, reason) => {
    const { call } = await enableKeeper(details);
    expect(await refused(call)).toContain(reason);
  });

  it('goes to Azure, home with an unplanned failover, and to Azure again', async () => {
    const machine = await ClassicMachine.find('lamp');
    const first = await machine.read();
    expect(first.properties?.protectionState).toBe('Protected');
    await run(machine.failOver('InMageAzureV2', 'PrimaryToRecovery'));
    await run(machine.commit);
    const masterTargetId = (await fabricDetails()).masterTargetServers?.[0]?.id ?? '';
    const turnHome = {
      instanceType: 'InMage',
      masterTargetId,
      processServerId: await processServer(),
      retentionDrive: 'R',
      profileId: policyId('lighthouse-policy-failback'),
      datastoreName: 'lighthouse-store',
    } as const;
    await run(machine.reprotect('RecoveryToPrimary', turnHome));
    const home = await machine.waitFor('Protected');
    expect(home.properties).toMatchObject({
      allowedOperations: ['UnplannedFailover', 'DisableProtection'],
      providerSpecificDetails: { instanceType: 'InMage' },
    });
    await run(machine.failOver('InMage', 'RecoveryToPrimary'));
    await run(machine.commit);
    await run(
      machine.reprotect('PrimaryToRecovery', {
        instanceType: 'InMageAzureV2',
        processServerId: await processServer(),
        policyId: policyId('lighthouse-policy'),
      }),
    );
    const again = await machine.waitFor('Protected');
    expect(again.id).toBe(first.id);
    expect(again.properties?.providerSpecificDetails?.instanceType).toBe('InMageAzureV2');
    const [lamp] = (await azure.readTrueItems()).filter(({ name }) => name === machine.name);
    expect(lamp?.machines.map(({ state }) => state)).toEqual(['running', 'deallocated']);
  });

  it('does not turn home to a datastore that no master target reaches', async () => {
    const machine = await ClassicMachine.find('lamp');
    await run(machine.failOver('InMageAzureV2', 'PrimaryToRecovery'));
    await run(machine.commit);
    expect(
      await refused(
        machine.reprotect('RecoveryToPrimary', {
          instanceType: 'InMage',
          masterTargetId: await processServer(),
          processServerId: await processServer(),
          retentionDrive: 'R',
          profileId: policyId('lighthouse-policy-failback'),
          datastoreName: 'elsewhere',
        }),
      ),
    ).toContain("cannot write to the datastore 'elsewhere'");
  });

  it('takes an update of size, network and interface', async () => {
    const machine = await ClassicMachine.find('horn');
    const details = async () =>
      (await machine.read()).properties?.providerSpecificDetails as InMageAzureV2ReplicationDetails;
    const [nic] = (await details()).vmNics ?? [];
    await run(
      machine.update({
        recoveryAzureVMName: 'horn-away',
        recoveryAzureVMSize: 'Standard_D4s_v5',
        licenseType: 'WindowsServer',
        vmNics: [
          {
            nicId: nic?.nicId,
            ipConfigs: [{ isPrimary: true, recoverySubnetName: 'crane', recoveryStaticIPAddress: '' }],
          },
        ],
        providerSpecificDetails: {
          instanceType: 'InMageAzureV2',
          targetProximityPlacementGroupId: resourceId(
            azure,
            'Microsoft.Compute/proximityPlacementGroups',
            'harbour-near-recovery',
          ),
        },
      }),
    );
    expect(await details()).toMatchObject({
      recoveryAzureVMName: 'horn-away',
      recoveryAzureVMSize: 'Standard_D4s_v5',
      licenseType: 'WindowsServer',
      vmNics: [{ ipConfigs: [{ recoverySubnetName: 'crane' }] }],
    });
  });

  it('becomes critical when its process server loses contact', async () => {
    const machine = await ClassicMachine.find('lamp');
    azure.faults.add({
      id: 'dark',
      point: 'standing',
      do: { kind: 'serverDark', server: 'lighthouse-config' },
    });
    azure.faults.add({
      id: 'dark-process',
      point: 'standing',
      do: { kind: 'serverDark', server: 'lighthouse-process' },
    });
    await machine.read();
    await azure.advance(90 * MINUTE);
    expect((await machine.read()).properties?.replicationHealth).toBe('Critical');
    expect((await azure.client.replicationFabrics.get(CLASSIC, VAULT_GROUP, FABRIC)).properties?.health).toBe(
      'Critical',
    );
  });
});
