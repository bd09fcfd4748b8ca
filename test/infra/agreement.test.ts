// Code and Bicep must agree. Their common values stand once, in agreement.json, and both read it.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { LINKED_ACTIONS } from '../../simulator/arm/linked-authorization.ts';
import { createAppSettings } from '../../simulator/launch/app-settings.ts';
import type { ServerAddresses } from '../../simulator/azure/server-addresses.ts';
import { ROUTE_ROLES } from '../../shared/access/roles.ts';
import { Role } from '../../shared/core/role.ts';
import { readCommandQueues, parseSettings } from '../../shared/core/config.ts';
import { MAX_BODY_BYTES } from '../../shared/http/body.ts';

const root = join(import.meta.dirname, '..', '..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');
const main = text('infra/main.bicep');
const entra = text('infra/entra.bicep');
const access = text('infra/vault-access.bicep');
const machines = text('infra/machine-access.bicep');
const managing = text('infra/subscription-access.bicep');

const sources = (room: string): string[] =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(room, file));
const product = ['functions', 'orchestrators', 'shared'].flatMap(sources);

test('Bicep takes containers, roles, settings and actions from the agreement, and repeats none of them', () => {
  expect(main).toContain('for container in agreement.containers');
  expect(main).toContain('paths: [container.partitionKey]');
  expect(entra).toContain('for role in agreement.appRoles');
  expect(main).toContain('union(agreement.settings.optional');
  expect(main).toContain('for topic in agreement.serviceBus.topics');
  expect(main).toContain('map(agreement.serviceBus.topics, (topic, i) => map(topic.subscriptions');
  expect(main).toContain('for queue in agreement.serviceBus.queues');
  expect(main).toContain("'${agreement.commandConnection}__fullyQualifiedNamespace': ");
  for (const { name } of agreement.serviceBus.queues) expect(main).not.toContain(`'${name}'`);
  for (const { name, subscriptions } of agreement.serviceBus.topics)
    for (const entry of [name, ...subscriptions.map((other) => other.name)])
      expect(main).not.toContain(entry);
  const operating = 'agreement.armActions.operate, agreement.armActions.drill, agreement.armActions.groups';
  expect(access).toContain(`actions: union(${operating}, agreement.armActions.sites, reads)`);
  expect(managing).toContain(
    `union(${operating}, agreement.armActions.manage, agreement.armActions.read, ` +
      'agreement.armActions.actions, agreement.armActions.registration, agreement.armActions.sites)',
  );
  for (const file of [main, entra])
    for (const name of [...agreement.containers.map(({ id }) => id), ...agreement.appRoles])
      expect(file).not.toContain(`'${name}'`);
  for (const file of [access, managing, machines])
    expect(file).not.toMatch(
      /Microsoft\.(RecoveryServices\/vaults\/replication|Compute|Network|Storage|Automation)/,
    );
});

test('Bicep gives linked rights in every resource group with VMs, and classic rights only on demand (1.1)', () => {
  for (const file of [managing, machines]) {
    expect(file).toMatch(
      /var actions = filter\(union\(\w+, agreement\.armActions\.linked\), action => classicModel \|\| !startsWith\(action, 'Microsoft\.Classic'\)\)/,
    );
    expect(file).toContain('permissions: [{ actions: actions, notActions: [] }]');
  }
  expect(main).toContain('param classicModel bool = false');
  expect(main.match(/classicModel: classicModel/g)).toHaveLength(2);
  expect(agreement.armActions.linked).toEqual([...new Set(agreement.armActions.linked)].sort());
});

test('the simulator checks the agreed rights, and one more pattern only', () => {
  const { linked } = agreement.armActions;
  expect(linked.filter((action) => action.endsWith('*'))).toEqual(['Microsoft.Resources/deployments/*']);
  const plain = LINKED_ACTIONS.filter((action) => !action.startsWith('Microsoft.Resources/deployments/'));
  expect(linked.filter((action) => !action.endsWith('*')).sort()).toEqual(plain);
});

test("Bicep sets every required setting and the deployment's own settings, and no other setting of Lifeboat", () => {
  const given = [...main.matchAll(/^\s+(LIFEBOAT_\w+):/gm)].map((match) => match[1]);
  expect(given.sort()).toEqual([...agreement.settings.required, ...agreement.settings.given].sort());
  expect(Object.keys(agreement.settings.optional)).toEqual(expect.arrayContaining(agreement.settings.given));
});

test("the host's body limit is a little above the app's, and no home page answers, also in the simulator", () => {
  const [, given] = /^ +FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '(\d+)'$/m.exec(main) ?? [];
  expect(Number(given)).toBeGreaterThan(MAX_BODY_BYTES);
  expect(Number(given)).toBeLessThan(2 * MAX_BODY_BYTES);
  const options = {
    addresses: { serviceBus: 'sb://simulator', vaults: [] } as unknown as ServerAddresses,
    identityHeader: '',
    database: '',
    extra: {},
  };
  const simulated = createAppSettings(options);
  expect(simulated['FUNCTIONS_REQUEST_BODY_SIZE_LIMIT']).toBe(given);
  expect(main).toMatch(/^ +AzureWebJobsDisableHomepage: 'true'$/m);
  expect(simulated['AzureWebJobsDisableHomepage']).toBe('true');
});

test('the host writes no line for each request to Azure, and knows the version of its tracing', () => {
  const { logging, extensions } = JSON.parse(text('host.json')) as Record<string, Record<string, object>>;
  expect(logging?.['logLevel']).toEqual({ default: 'Information', 'Azure.Core': 'Warning' });
  expect(extensions?.['durableTask']).toMatchObject({
    tracing: { distributedTracingEnabled: true, version: 'V2' },
  });
});

test('the settings that the code reads are the agreed ones, with the agreed defaults', () => {
  const values = {
    LIFEBOAT_COSMOS_ENDPOINT: 'https://cosmos.example',
    LIFEBOAT_TENANT_ID: '5d9f3a1e-6b2c-4f70-8a14-9c3e7d2b5f60',
    LIFEBOAT_AUDIENCE: 'a',
    LIFEBOAT_VAULTS: '/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v',
  };
  expect(Object.keys(values).sort()).toEqual([...agreement.settings.required].sort());
  const read = parseSettings({ ...values, ...agreement.settings.optional });
  expect(parseSettings(values)).toEqual(read);
  const known = new Set([...agreement.settings.required, ...Object.keys(agreement.settings.optional)]);
  for (const file of product)
    for (const [name] of text(file).matchAll(/\bLIFEBOAT_[A-Z_]+\b/g)) expect(known).toContain(name);
  for (const missing of agreement.settings.required)
    expect(() => parseSettings({ ...values, [missing]: '' })).toThrow(missing);
});

test('Bicep gives each sender a queue, and gives the app a list that it can read [TRG-2]', () => {
  expect(main).toContain('LIFEBOAT_QUEUES: string(senders)');
  const fields =
    /param senders \{ ([^}]+) \}/
      .exec(main)?.[1]
      ?.split(', ')
      .map((field) => field.split(':')[0]) ?? [];
  const whole = {
    queue: 'dr-commands',
    callerId: 'a94c0e7d-25f1-4b86-9e3a-7d1f8c5b6042',
    name: 'ticketing',
    role: 'Operator',
  };
  const sender = Object.fromEntries(Object.entries(whole).filter(([field]) => fields.includes(field)));
  const given = (queues: unknown) => ({
    LIFEBOAT_SERVICEBUS: 'bus',
    LIFEBOAT_QUEUES: typeof queues === 'string' ? queues : JSON.stringify(queues),
  });
  expect(readCommandQueues(given([sender]))).toEqual([sender]);
  expect(main).toMatch(
    /resource sendersAccess[^]*?scope: sendersQueues\[i\][^]*?principalId: sender\.callerId/,
  );
  // The app refuses an invalid list of queues and reports it with the other settings.
  for (const wrong of [
    '[',
    '{}',
    [{ ...sender, role: 'King' }],
    [{ ...sender, callerId: 'me' }],
    [sender, { ...sender, callerId: 'b94c0e7d-25f1-4b86-9e3a-7d1f8c5b6042' }],
    [{ ...sender, queue: 'a b' }],
  ]) {
    expect(readCommandQueues(given(wrong))).toEqual([]);
    expect(() => parseSettings(given(wrong))).toThrow('LIFEBOAT_QUEUES');
  }
  expect(readCommandQueues({ LIFEBOAT_QUEUES: JSON.stringify([sender]) })).toEqual([]);
});

test('only config.ts reads the environment', () => {
  expect(product.filter((file) => text(file).includes('process.env'))).toEqual([
    join('shared', 'core', 'config.ts'),
  ]);
});

test('the roles in the code are the agreed ones, and every route names at least one', () => {
  expect(Object.values(Role).sort()).toEqual([...agreement.appRoles].sort());
  for (const roles of Object.values(ROUTE_ROLES)) expect(roles.length).toBeGreaterThan(0);
});

test('Azure Monitor gets the one role that the alert webhook requires', () => {
  expect(ROUTE_ROLES['POST /api/v1/alerts/azure-monitor']).toEqual([agreement.azureMonitor.role]);
  expect(entra).toContain('appRoleId: guid(name, agreement.azureMonitor.role)');
  // Bicep creates this identity, because a tenant without an earlier secure webhook does not have
  // it (1.2).
  expect(entra).toMatch(
    /resource azureMonitor 'Microsoft\.Graph\/servicePrincipals@v1\.0' = if \(alertsFromAzureMonitor\) \{\n {2}appId: agreement\.azureMonitor\.appId/,
  );
});

test('only the sign-in needs the Graph extension, and its outputs are parameters of the rest', () => {
  for (const file of readdirSync(join(root, 'infra')).filter(
    (name) => name.endsWith('.bicep') && name !== 'entra.bicep',
  )) {
    expect(text(join('infra', file))).not.toMatch(/microsoftGraph|Microsoft\.Graph|\bextension\b/);
  }
  for (const output of ['clientId', 'identifierUri', 'applicationObjectId']) {
    expect(entra).toContain(`output ${output} string`);
    expect(main).toContain(`param ${output} string\n`);
  }
});

test('the agreement has every container of the code, with its partition key', () => {
  const store = sources('shared/store').map(text).join('\n');
  const union = /export type ContainerName = ([^;]+);/.exec(store)?.[1] ?? '';
  expect([...union.matchAll(/'(\w+)'/g)].map((match) => match[1]).sort()).toEqual(
    agreement.containers.map(({ id }) => id).sort(),
  );
  const documents = product
    .filter((file) => /(documents|Document|budgets)\.ts$/.test(file))
    .map(text)
    .join('\n');
  for (const { partitionKey } of agreement.containers)
    expect(documents).toMatch(new RegExp(`readonly ${partitionKey.slice(1)}: `));
});

test('host.json and Bicep name the same task hub and connection', () => {
  const durable = (
    JSON.parse(text('host.json')) as {
      extensions: { durableTask: { hubName: string; storageProvider: { connectionStringName: string } } };
    }
  ).extensions.durableTask;
  expect(durable.hubName).toBe(agreement.taskHub);
  expect(main).toContain(`${durable.storageProvider.connectionStringName}:`);
});

test("host.json requires an extension bundle that supports the task hub's storage", () => {
  const { extensionBundle } = JSON.parse(text('host.json')) as { extensionBundle: { version: string } };
  const [, least = ''] = /^\[(\d+\.\d+\.\d+), 5\.0\.0\)$/.exec(extensionBundle.version) ?? [];
  // The first version with azureManaged.
  expect(least.localeCompare('4.31.0', 'en', { numeric: true })).toBeGreaterThanOrEqual(0);
});

test('Azure runs the same Node version as the tests', () => {
  const { devDependencies } = JSON.parse(text('package.json')) as { devDependencies: { node: string } };
  expect(devDependencies.node.split('.')[0]).toBe(agreement.nodeVersion);
});
