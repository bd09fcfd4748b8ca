import { generateEnvironment } from '../../environments/generate.ts';
import {
  RECOVERY_SIDE,
  TestAzure,
  all,
  sendCommit,
  sendFailover,
  VAULT_GROUP,
  PRIMARY_SIDE,
  MINUTE,
  sendReprotect,
  VAULT,
} from './test-azure.ts';

let azure: TestAzure;
beforeEach(async () => {
  azure = await TestAzure.start();
});
afterEach(() => azure.close());

const WEB = `/replicationFabrics/${PRIMARY_SIDE.fabric}/replicationProtectionContainers/${PRIMARY_SIDE.container}/replicationProtectedItems/web`;

describe('an accepted write', () => {
  it('answers 202 without a body, with links that the client must not change', async () => {
    const sent = await sendFailover(azure, 'web');
    expect(sent.status).toBe(202);
    expect(sent.header('content-length')).toBe('0');
    expect(sent.header('retry-after')).toBe('30');
    expect(sent.header('x-ms-request-id')).toContain(`/replicationJobs/${sent.jobId}`);
    expect(Number(sent.header('x-ms-ratelimit-remaining-subscription-writes'))).toBe(1199);
    const vault = azure.vaultPath.replace('/subscriptions/', '/Subscriptions/');
    const signed = '\\?api-version=2023-06-01&t=638\\d+&c=[\\w-]+&s=[\\w-]+&h=[\\w-]+$';
    expect(sent.header('azure-asyncoperation')).toMatch(
      new RegExp(`^${azure.url}${vault}/replicationOperationStatus/${sent.jobId}${signed}`),
    );
    expect(sent.header('location')).toMatch(
      new RegExp(`^${azure.url}${vault}${WEB}/operationresults/${sent.jobId}${signed}`),
    );
    expect(sent.header('location')?.length).toBeGreaterThan(2000);
  });

  it('can be followed by its status and by its result', async () => {
    const sent = await sendFailover(azure, 'web');
    const follow = async (header: string) =>
      fetch(sent.header(header) ?? '', { headers: { authorization: 'Bearer tests' } });
    const status = async () => (await follow('azure-asyncoperation')).json();
    expect(await status()).toEqual({
      error: null,
      id: null,
      name: sent.jobId,
      properties: null,
      status: 'NotStarted',
      startTime: null,
      endTime: null,
      percentComplete: null,
    });
    await azure.advance(10_000);
    expect(await status()).toMatchObject({
      status: 'InProgress',
      startTime: '2026-01-05T08:00:00.0000000Z',
      endTime: null,
    });
    const running = await follow('location');
    expect([
      running.status,
      running.headers.get('retry-after'),
      running.headers.has('azure-asyncoperation'),
    ]).toEqual([202, '30', true]);
    await azure.advance(5 * MINUTE);
    expect(await status()).toMatchObject({
      status: 'Succeeded',
      endTime: expect.stringMatching(/^2026-01-05T08:02:\d\d\.0000000Z$/) as string,
    });
    const over = await follow('location');
    expect(over.status).toBe(200);
    expect(await over.json()).toMatchObject({ name: 'web', properties: { activeLocation: 'Recovery' } });
  });

  it("works with the SDK's own poller, to its end or to its error", async () => {
    const input = {
      properties: {
        failoverDirection: 'PrimaryToRecovery',
        providerSpecificDetails: { instanceType: 'A2A' as const },
      },
    };
    const failOver = () =>
      azure.client.replicationProtectedItems.beginUnplannedFailoverAndWait(
        VAULT,
        VAULT_GROUP,
        PRIMARY_SIDE.fabric,
        PRIMARY_SIDE.container,
        'web',
        input,
        { updateIntervalInMs: 20 },
      );
    const first = failOver();
    const second = expect(failOver()).rejects.toThrow(
      "The long-running operation has failed. 532. The operation couldn't be completed.",
    );
    while ((await azure.readWrites()).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    azure.releaseClock();
    expect((await first).properties?.activeLocation).toBe('Recovery');
    await second;
  });

  it('reports a failure at its result', async () => {
    const { header } = await sendCommit(azure, 'web');
    await azure.advance(5 * MINUTE);
    const answer = await fetch(header('location') ?? '', { headers: { authorization: 'Bearer tests' } });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: '539' } }]);
  });
});

describe('a refused request', () => {
  it('has no token', async () => {
    expect(await azure.sendRaw('GET', '/replicationJobs', undefined, {})).toMatchObject({ status: 401 });
  });

  it('has no API version', async () => {
    expect((await azure.sendRaw('GET', '/replicationJobs?x=1')).body).toMatchObject({
      error: { code: 'MissingApiVersionParameter' },
    });
  });

  it.each([
    ['a vault', '', { code: 'ResourceNotFound' }],
    ['a resource group', 'group', { code: 'ResourceGroupNotFound' }],
    ['a subscription', 'subscription', { code: 'SubscriptionNotFound' }],
  ])('names %s that does not exist, and ARM itself answers', async (_what, part, error) => {
    const wrong =
      {
        '': ['contoso-vault', 'other'],
        group: [VAULT_GROUP, 'other'],
        subscription: [azure.environment.subscriptions[0]?.id ?? '', '00000000-0000-0000-0000-000000000000'],
      }[part] ?? [];
    const answer = await azure.sendRaw('GET', azure.vaultPath.replace(wrong[0] ?? '', wrong[1] ?? ''));
    expect(answer).toMatchObject({ status: 404, body: { error } });
    expect(answer).not.toHaveProperty('body.error.details');
  });

  it.each([
    ['GET', WEB.replace('web', 'ghost'), 'ghost'],
    ['POST', `${WEB.replace('web', 'ghost')}/unplannedFailover`, 'ghost'],
    ['GET', WEB.replace(PRIMARY_SIDE.container, 'nowhere'), 'nowhere'],
    ['GET', WEB.replace(PRIMARY_SIDE.fabric, 'nowhere'), 'nowhere'],
    ['GET', WEB.replace('web', '%E0%A4%A'), '%E0%A4%A'],
    ['GET', '/replicationJobs/ghost', 'ghost'],
    ['GET', '/replicationPolicies/ghost', 'ghost'],
  ])('has an unknown name: %s %s', async (method, path, name) => {
    expect(await azure.sendRaw(method, path)).toMatchObject({
      status: 404,
      body: {
        error: {
          code: 'NotFound',
          message: `Specified resource with name '${name}' does not exist.`,
          details: [{ code: 'ArmResourceDoesNotExist' }],
        },
      },
    });
    expect(await azure.admin('unknown')).toEqual([]);
  });

  it.each([
    ['no body', `${WEB}/unplannedFailover`, undefined],
    [
      'another provider',
      `${WEB}/unplannedFailover`,
      { properties: { providerSpecificDetails: { instanceType: 'InMageRcm' } } },
    ],
    [
      'a direction that it does not have',
      `${WEB}/unplannedFailover`,
      {
        properties: {
          failoverDirection: 'RecoveryToPrimary',
          providerSpecificDetails: { instanceType: 'A2A' },
        },
      },
    ],
    ['no item', `${WEB.replace(/\/replicationProtectedItems.*/, '')}/switchprotection`, { properties: {} }],
    [
      'no policy',
      `${WEB.replace(/\/replicationProtectedItems.*/, '')}/switchprotection`,
      {
        properties: { replicationProtectedItemName: 'web', providerSpecificDetails: { instanceType: 'A2A' } },
      },
    ],
  ])('has a body with %s', async (_what, path, body) => {
    expect(await azure.sendRaw('POST', path, body)).toMatchObject({
      status: 400,
      body: { error: { code: 'BadRequest', details: [{ code: 'InvalidParameter' }] } },
    });
    expect(await azure.readWrites()).toEqual([]);
  });

  it('is counted when the simulator does not know it', async () => {
    const calls = [
      ['POST', `${WEB}/updateAppliance`],
      ['PUT', '/replicationJobs'],
      ['GET', '/replicationTeapots'],
      ['GET', '/replicationJobs?api-version=1&$filter=x'],
    ] as const;
    for (const [method, path] of calls)
      expect(await azure.sendRaw(method, path)).toMatchObject({
        status: 404,
        body: { error: { code: 'InvalidResourceType' } },
      });
    azure.killAndStart();
    expect(await azure.admin<{ method: string; path: string }[]>('unknown')).toMatchObject(
      calls.map(([method, path]) => ({ method, path: `${azure.vaultPath}${path.split('?')[0] ?? ''}` })),
    );
  });
});

describe('an answer', () => {
  it('does not depend on the casing of the request', async () => {
    const answer = await azure.sendRaw(
      'GET',
      `${azure.vaultPath}${WEB}`
        .replace('resourceGroups', 'RESOURCEGROUPS')
        .replace('replicationFabrics', 'REPLICATIONFABRICS')
        .replace('/web', '/WEB'),
    );
    expect(answer.status).toBe(200);
    expect(answer).toHaveProperty(
      'body.id',
      `${azure.vaultPath}${WEB}`.replace('/subscriptions/', '/Subscriptions/'),
    );
  });

  it('has ids of other providers in lower case', async () => {
    const { properties } = await azure.readItem('web');
    const a2a = properties?.providerSpecificDetails as { fabricObjectId?: string };
    expect(a2a.fabricObjectId).toBe(
      `/subscriptions/${azure.environment.subscriptions[0]?.id ?? ''}/resourcegroups/contoso-shop/providers/microsoft.compute/virtualmachines/web`,
    );
    expect(properties?.currentScenario?.startTime?.toISOString()).toBe('1753-01-01T01:01:01.000Z');
  });

  it('shows the prerequisites of the environment', async () => {
    const { client } = azure;
    expect(
      (await all(client.replicationFabrics.list(VAULT, VAULT_GROUP))).map(
        ({ properties }) => properties?.friendlyName,
      ),
    ).toEqual(['East Asia', 'Southeast Asia']);
    expect(
      (await client.replicationFabrics.get(VAULT, VAULT_GROUP, PRIMARY_SIDE.fabric)).properties
        ?.customDetails,
    ).toMatchObject({ instanceType: 'Azure', location: 'eastasia' });
    expect(
      (await all(client.replicationProtectionContainers.list(VAULT, VAULT_GROUP))).map(
        ({ name, properties }) => [name, properties?.protectedItemCount],
      ),
    ).toEqual([
      [PRIMARY_SIDE.container, 5],
      [RECOVERY_SIDE.container, 0],
    ]);
    expect(
      (
        await all(
          client.replicationProtectionContainers.listByReplicationFabrics(
            VAULT,
            VAULT_GROUP,
            RECOVERY_SIDE.fabric,
          ),
        )
      ).map(({ name }) => name),
    ).toEqual([RECOVERY_SIDE.container]);
    expect(
      (await client.replicationPolicies.get(VAULT, VAULT_GROUP, 'day-of-points')).properties
        ?.providerSpecificDetails,
    ).toMatchObject({ instanceType: 'A2A', recoveryPointHistory: 1440, multiVmSyncStatus: 'Enabled' });
    expect(
      (await all(client.replicationProtectionContainerMappings.list(VAULT, VAULT_GROUP))).map(
        ({ properties }) => properties?.state,
      ),
    ).toEqual(['Paired', 'Paired']);
    expect(
      (
        await all(
          client.replicationNetworkMappings.listByReplicationNetworks(
            VAULT,
            VAULT_GROUP,
            PRIMARY_SIDE.fabric,
            'azureNetwork',
          ),
        )
      ).map(({ name }) => name),
    ).toEqual(['shop-out']);
    expect((await azure.sendRaw('GET', '')).body).toMatchObject({
      name: VAULT,
      location: 'southeastasia',
      properties: { provisioningState: 'Succeeded' },
    });
    expect(await azure.admin('unknown')).toEqual([]);
  });

  it('counts the items of a container after a reprotect', async () => {
    await sendFailover(azure, 'web');
    await azure.advance(5 * MINUTE);
    await sendReprotect(azure, 'web');
    await azure.advance(10 * MINUTE);
    const { client } = azure;
    expect(
      (
        await client.replicationProtectionContainers.get(
          VAULT,
          VAULT_GROUP,
          RECOVERY_SIDE.fabric,
          RECOVERY_SIDE.container,
        )
      ).properties?.protectedItemCount,
    ).toBe(1);
    expect(
      (
        await all(
          client.replicationProtectedItems.listByReplicationProtectionContainers(
            VAULT,
            VAULT_GROUP,
            RECOVERY_SIDE.fabric,
            RECOVERY_SIDE.container,
          ),
        )
      ).map(({ name }) => name),
    ).toEqual(['web']);
  });
});

describe('a list of items', () => {
  it('names a next page even when all items fit on the first page', async () => {
    const first = (await azure.sendRaw('GET', '/replicationProtectedItems')).body as {
      value: unknown[];
      nextLink: string;
    };
    expect(first.value).toHaveLength(5);
    const second = await fetch(first.nextLink, { headers: { authorization: 'Bearer tests' } });
    expect(await second.json()).toEqual({ value: [], nextLink: null });
    expect(
      (
        await azure.sendRaw(
          'GET',
          `/replicationFabrics/${RECOVERY_SIDE.fabric}/replicationProtectionContainers/${RECOVERY_SIDE.container}/replicationProtectedItems`,
        )
      ).body,
    ).toEqual({ value: [], nextLink: null });
  });

  it('is complete over many pages in the SDK, for each vault', async () => {
    const many = await TestAzure.start({ environment: generateEnvironment({ vms: 2400, vaults: 2 }) });
    const names = (await all(many.client.replicationProtectedItems.list('vault-0001', VAULT_GROUP))).map(
      ({ name }) => name,
    );
    await many.close();
    expect(names).toHaveLength(1200);
    expect(new Set(names).size).toBe(1200);
    expect(names).not.toContain('vm-0002');
  });
});
