// The requests of a printed runbook: what a person sends from any shell that is signed in to Azure.
// Forms as Lifeboat itself sends them.
import type { PartSpec } from '../../azure/prerequisite.ts';
import type { Scenario } from '../../core/scenario.ts';
import { performing } from '../../scenarios/drivers.ts';
import type { RecoveryPointKind } from '../../siterecovery/recoveryPoint.ts';

const SITE_RECOVERY = '2023-06-01';
const COMPUTE = '2024-07-01';
const AUTOMATION = '2023-11-01';
/** A person puts the id of a recovery point in its place. */
export const POINT_HERE = 'RECOVERY-POINT-ID';

/** A block of its own: what it does, in a line that the shell passes over, and the request. */
function block(
  what: string,
  method: 'get' | 'post' | 'put',
  path: string,
  version: string,
  more: { readonly body?: object; readonly show?: string } = {},
): readonly string[] {
  const url = `https://management.azure.com${path}${path.includes('?') ? '&' : '?'}api-version=${version}`;
  const body = more.body === undefined ? '' : ` --body ${quoted(JSON.stringify(more.body))}`;
  const show = more.show === undefined ? '' : ` --query ${quoted(more.show)}`;
  return [
    '',
    '  ```sh',
    `  # ${what.replace(/\s+/g, ' ').replaceAll('`', "'")}`,
    `  az rest --method ${method} --url ${quoted(url)}${body}${show}`,
    '  ```',
    '',
  ];
}

/** As one word for a shell: neither a dollar nor a quote in it means anything. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Of a VM: its name, its replicated item, and the scenario that says how a request is formed. */
export interface VmOfRequest {
  readonly name: string;
  readonly armId: string;
  readonly scenario: Scenario;
}

export const failoverOf = (
  { name, armId, scenario }: VmOfRequest,
  recoveryPointId?: string,
): readonly string[] =>
  block(
    'Fail over ' +
      `${name}${recoveryPointId === undefined ? ' to its latest point' : ' to the point that you have chosen'}.`,
    'post',
    `${armId}/unplannedFailover`,
    SITE_RECOVERY,
    { body: performing(scenario).manualRequests.failover(recoveryPointId) },
  );

export const commitOf = (name: string, id: string): readonly string[] =>
  block(`Commit ${name}.`, 'post', `${id}/failoverCommit`, SITE_RECOVERY);

export const pointsOf = ({ name, armId, scenario }: VmOfRequest): readonly string[] =>
  block(`The recovery points of ${name}, the newest last.`, 'get', `${armId}/recoveryPoints`, SITE_RECOVERY, {
    show:
      'sort_by(value, &properties.recoveryPointTime)[].{time:properties.recoveryPointTime, ' +
      'type:properties.recoveryPointType, ' +
      `shared:${performing(scenario).manualRequests.sharedPointPath}, id:id}`,
  });

export const planThere = (name: string, planId: string): readonly string[] =>
  block(`Is the native plan of ${name} there?`, 'get', planId, SITE_RECOVERY, {
    show: 'properties.allowedOperations',
  });

type PlanSpec = Extract<PartSpec, { kind: 'recoveryPlan' }>;
export const makePlan = (
  name: string,
  planId: string,
  { primaryFabricId, recoveryFabricId, items }: PlanSpec,
): readonly string[] =>
  block(`Only if it is not there: make the native plan of ${name}.`, 'put', planId, SITE_RECOVERY, {
    body: {
      properties: {
        primaryFabricId,
        recoveryFabricId,
        failoverDeploymentModel: 'ResourceManager',
        groups: [{ groupType: 'Boot', replicationProtectedItems: items }],
      },
    },
  });

export const failoverOfPlan = (
  scenario: Scenario,
  name: string,
  planId: string,
  kind: RecoveryPointKind,
): readonly string[] =>
  block(
    `Fail over all members of ${name} to ${kind}.`,
    'post',
    `${planId}/unplannedFailover`,
    SITE_RECOVERY,
    { body: performing(scenario).manualRequests.failoverOfGroup(kind) },
  );

export const jobsOf = (vaultId: string): readonly string[] =>
  block(
    'What runs in the vault, and what ran, the newest first.',
    'get',
    `${vaultId}/replicationJobs`,
    SITE_RECOVERY,
    {
      show:
        'value[].{job:name, what:properties.scenarioName, of:properties.targetObjectName, ' +
        'state:properties.state, began:properties.startTime}',
    },
  );

export const itemOf = ({ name, armId, scenario }: VmOfRequest): readonly string[] =>
  block(
    `How ${name} stands: "Recovery" once it has failed over, and it can be committed once ` +
      '"Commit" is among what it allows.',
    'get',
    armId,
    SITE_RECOVERY,
    {
      show:
        'properties.{location:activeLocation, state:protectionState, allows:allowedOperations, ' +
        `machine:${performing(scenario).manualRequests.recoveryVmPath}}`,
    },
  );

export const machineOf = (name: string, machineId: string): readonly string[] =>
  block(
    `Does the machine of ${name} run? "VM running", and the VM agent "Ready".`,
    'get',
    `${machineId}?$expand=instanceView`,
    COMPUTE,
    {
      show:
        '{power:properties.instanceView.statuses[].displayStatus, ' +
        'agent:properties.instanceView.vmAgent.statuses[].displayStatus}',
    },
  );

/** The name of its job is anybody's choice, and must be a new one: each time another is needed. */
export const JOB_HERE = 'NEW-GUID';
export function automationJob(
  name: string,
  runbookId: string,
  parameters: Readonly<Record<string, string>>,
): readonly string[] {
  const [account = '', runbook = ''] = runbookId.split(/\/runbooks\//i);
  return block(
    `Start the runbook of "${name}". Put a new GUID in place of ${JOB_HERE}.`,
    'put',
    `${account}/jobs/${JOB_HERE}`,
    AUTOMATION,
    { body: { properties: { runbook: { name: runbook }, parameters } } },
  );
}
