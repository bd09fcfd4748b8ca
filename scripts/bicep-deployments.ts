// Evaluates deployments offline with the Bicep compiler, and checks their results.
// `scripts/bicep.ts` calls it. It deploys nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import agreement from '../infra/agreement.json' with { type: 'json' };

interface Resource {
  readonly id?: string;
  readonly type: string;
  readonly name?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}
interface EvaluatedDeployment {
  readonly resources: readonly Resource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}
type Evaluate = (file: string, parameters: Readonly<Record<string, unknown>>) => EvaluatedDeployment;

const guidOfDigit = (digit: string): string => `${digit.repeat(8)}-1111-1111-1111-111111111111`;
const SCOPE_ARGUMENTS = [
  '--tenant-id',
  guidOfDigit('1'),
  '--subscription-id',
  guidOfDigit('2'),
  '--resource-group',
  'lifeboat',
  '--location',
  'southeastasia',
];

/**
 * The result of a deployment; throws when the template refuses. Caches each evaluation, because one
 * takes seconds.
 */
function createEvaluator(bicep: string, folder: string): Evaluate {
  const cached = new Map<string, EvaluatedDeployment>();
  const evaluate: Evaluate = (file, parameters) => {
    const lines = Object.entries(parameters).map(
      ([name, value]) => `param ${name} = json('${JSON.stringify(value)}')`,
    );
    writeFileSync(join(folder, 'deployment.bicepparam'), [`using '${file}'`, ...lines, ''].join('\n'));
    const snapshot = join(folder, 'deployment.snapshot.json');
    rmSync(snapshot, { force: true });
    const { status, stderr } = spawnSync(
      bicep,
      ['snapshot', 'deployment.bicepparam', '--mode', 'overwrite', ...SCOPE_ARGUMENTS],
      { cwd: folder, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    const { predictedResources, outputs } = JSON.parse(readFileSync(snapshot, 'utf8')) as {
      predictedResources: Resource[];
      outputs: Record<string, unknown>;
    };
    return { resources: predictedResources, outputs };
  };
  return (file, parameters) => {
    const key = JSON.stringify([file, parameters]);
    const evaluated = cached.get(key) ?? evaluate(file, parameters);
    cached.set(key, evaluated);
    return evaluated;
  };
}

const resourcesOfType = ({ resources }: EvaluatedDeployment, type: string): Resource[] =>
  resources.filter((resource) => resource.type.split('@')[0] === type);
const propertiesOfOnly = (
  evaluated: EvaluatedDeployment,
  type: string,
  name = '',
): Readonly<Record<string, unknown>> => {
  const found = resourcesOfType(evaluated, type).filter(
    (resource) => resource.name?.endsWith(name) ?? name === '',
  );
  assert.equal(found.length, 1, `${found.length} resources of the type ${type}`);
  return found[0]?.properties ?? {};
};
const isClassic = (action: string): boolean => action.startsWith('Microsoft.Classic');

const SIGN_IN = {
  clientId: guidOfDigit('3'),
  identifierUri: 'api://lifeboat',
  applicationObjectId: guidOfDigit('4'),
};
const VAULT = { subscriptionId: guidOfDigit('5'), resourceGroup: 'vaults', name: 'one' };
const MAIN = { ...SIGN_IN, vaults: [VAULT] };

/** The actions of each role, by the scope of the role. */
function roleActionsByScope(evaluated: EvaluatedDeployment): Map<string, readonly string[]> {
  const roles = resourcesOfType(evaluated, 'Microsoft.Authorization/roleDefinitions').map(
    ({ properties }): [string, readonly string[]] => {
      const { assignableScopes, permissions } = properties as {
        assignableScopes: [string];
        permissions: [{ actions: readonly string[] }];
      };
      return [assignableScopes[0], permissions[0].actions];
    },
  );
  const names = resourcesOfType(evaluated, 'Microsoft.Authorization/roleDefinitions').map(
    ({ properties }) => properties?.['roleName'],
  );
  assert.equal(new Set(names).size, names.length, 'Two roles have the same name.');
  assert.equal(new Map(roles).size, roles.length, 'Two roles have the same scope.');
  return new Map(roles);
}

const CHECKS: Readonly<Record<string, (evaluate: Evaluate) => void>> = {
  'the role in a managed subscription has every action of the agreement, the classic ones when they are wanted'(
    evaluate,
  ) {
    const all = [...new Set(Object.values(agreement.armActions).flat())];
    for (const classicModel of [false, true]) {
      const role =
        roleActionsByScope(
          evaluate('main.bicep', { ...MAIN, classicModel, managedSubscriptions: [guidOfDigit('6')] }),
        ).get(`/subscriptions/${guidOfDigit('6')}`) ?? [];
      assert.deepEqual([...role].sort(), all.filter((action) => classicModel || !isClassic(action)).sort());
    }
  },
  'vaults of one group share a role, in whatever case they are named, and machines have the linked actions'(
    evaluate,
  ) {
    // The third vault repeats the first. The fourth is in a group with the same name in another
    // subscription.
    const vaults = [
      VAULT,
      { ...VAULT, resourceGroup: 'Vaults', name: 'two' },
      { ...VAULT, name: 'ONE' },
      { ...VAULT, subscriptionId: guidOfDigit('6') },
    ];
    const evaluated = evaluate('main.bicep', {
      ...MAIN,
      vaults,
      machineGroups: [{ subscriptionId: guidOfDigit('5'), resourceGroup: 'machines' }],
    });
    const roles = roleActionsByScope(evaluated);
    const groups = [
      [guidOfDigit('5'), 'machines'],
      [guidOfDigit('5'), 'vaults'],
      [guidOfDigit('6'), 'vaults'],
    ].map(([subscription, group]) => `/subscriptions/${subscription}/resourceGroups/${group}`);
    assert.deepEqual([...roles.keys()].sort(), groups);
    const onVaults = resourcesOfType(evaluated, 'Microsoft.Authorization/roleAssignments').filter(
      (assignment) => assignment.id?.includes('RecoveryServices/vaults/'),
    );
    assert.equal(onVaults.length, 3);
    const machines = roles.get(`/subscriptions/${guidOfDigit('5')}/resourceGroups/machines`) ?? [];
    for (const action of agreement.armActions.linked)
      assert.equal(machines.includes(action), !isClassic(action), action);
  },
  'the action group calls the alert webhook as the app that the sign-in made, and only when it is wanted'(
    evaluate,
  ) {
    const [receiver] = propertiesOfOnly(evaluate('main.bicep', MAIN), 'Microsoft.Insights/actionGroups')[
      'webhookReceivers'
    ] as [Record<string, unknown>];
    const { objectId, identifierUri, tenantId, useAadAuth, useCommonAlertSchema } = receiver;
    assert.deepEqual(
      { objectId, identifierUri, tenantId, useAadAuth, useCommonAlertSchema },
      {
        objectId: guidOfDigit('4'),
        identifierUri: 'api://lifeboat',
        tenantId: guidOfDigit('1'),
        useAadAuth: true,
        useCommonAlertSchema: true,
      },
    );
    assert.deepEqual(
      resourcesOfType(
        evaluate('main.bicep', { ...MAIN, alertsFromAzureMonitor: false }),
        'Microsoft.Insights/actionGroups',
      ),
      [],
    );
  },
  'the app takes tokens for the client id and for the identifier URI'(evaluate) {
    assert.equal(
      propertiesOfOnly(evaluate('main.bicep', MAIN), 'Microsoft.Web/sites/config')['LIFEBOAT_AUDIENCE'],
      `${guidOfDigit('3')},api://lifeboat`,
    );
  },
  'a name that some resource would refuse is refused at once'(evaluate) {
    for (const name of ['Bad_Name', 'a--b'])
      assert.throws(
        () => evaluate('main.bicep', { ...MAIN, name }),
        /must be letters, digits and single hyphens/,
      );
  },
  'two spellings of a queue are one queue, and upper case in a name is no harm'(evaluate) {
    const sender = { queue: 'Tickets', callerId: guidOfDigit('7'), name: 'tickets', role: 'Operator' };
    const evaluated = evaluate('main.bicep', {
      ...MAIN,
      name: 'OPS-1',
      senders: [sender, { ...sender, queue: 'tickets', callerId: guidOfDigit('8') }],
    });
    assert.equal(
      resourcesOfType(evaluated, 'Microsoft.ServiceBus/namespaces/queues').length,
      agreement.serviceBus.queues.length + 1,
    );
    assert.match(
      resourcesOfType(evaluated, 'Microsoft.Storage/storageAccounts')[0]?.name ?? '',
      /^ops1[a-z0-9]{6}$/,
    );
  },
  'the sign-in has an identifier URI, an owner, a scope for the Azure CLI and the roles that are given'(
    evaluate,
  ) {
    const owner = guidOfDigit('9');
    const evaluated = evaluate('entra.bicep', {
      owners: [owner],
      roleAssignments: [{ principalId: owner, role: 'Operator' }],
    });
    const api = propertiesOfOnly(evaluated, 'Microsoft.Graph/applications') as unknown as {
      identifierUris: string[];
      owners: { relationships: string[] };
      appRoles: { id: string; value: string }[];
      api: {
        oauth2PermissionScopes: [{ id: string; value: string }];
        preAuthorizedApplications: [{ delegatedPermissionIds: string[] }];
      };
    };
    assert.deepEqual(api.identifierUris, [evaluated.outputs['identifierUri']]);
    assert.match(api.identifierUris[0] ?? '', new RegExp(`^api://${guidOfDigit('1')}/lifeboat-[a-z0-9]{6}$`));
    assert.deepEqual(api.owners.relationships, [owner]);
    const [scope] = api.api.oauth2PermissionScopes;
    assert.equal(scope.value, 'access_as_user');
    assert.deepEqual(api.api.preAuthorizedApplications[0].delegatedPermissionIds, [scope.id]);
    const given = resourcesOfType(evaluated, 'Microsoft.Graph/appRoleAssignedTo').map(
      ({ properties }) => api.appRoles.find((role) => role.id === properties?.['appRoleId'])?.value,
    );
    assert.deepEqual(given, ['Operator', 'Alerts']);
    assert.throws(
      () =>
        evaluate('entra.bicep', { owners: [owner], roleAssignments: [{ principalId: owner, role: 'King' }] }),
      /has no role "King"/,
    );
  },
  'the principal of Azure Monitor is made, and only when it is wanted'(evaluate) {
    const principals = (alertsFromAzureMonitor: boolean) =>
      resourcesOfType(
        evaluate('entra.bicep', { owners: [guidOfDigit('9')], alertsFromAzureMonitor }),
        'Microsoft.Graph/servicePrincipals',
      ).map(({ properties }) => properties?.['appId']);
    assert.ok(principals(true).includes(agreement.azureMonitor.appId));
    assert.equal(principals(false).length, 1);
  },
};

/** The failed checks, each with its reason. */
export function checkDeployments(bicep: string, folder: string): string[] {
  const evaluate = createEvaluator(bicep, folder);
  const failures = Object.entries(CHECKS).flatMap(([name, check]) => {
    try {
      check(evaluate);
      return [];
    } catch (error) {
      return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
  if (failures.length === 0)
    console.log(`Deployments evaluated offline: ${Object.keys(CHECKS).length} checks hold.`);
  return failures;
}
