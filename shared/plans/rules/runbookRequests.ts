// Renders the requests of a printed runbook, for any shell with a login to Azure.
// The requests have the same form as Lifeboat's own requests.

import type { PrerequisiteSpec } from '../../azure/prerequisite.ts';
import type { Scenario } from '../../core/scenario.ts';
import { requireCapabilities } from '../../scenarios/drivers.ts';
import type { RecoveryPointKind } from '../../siterecovery/recoveryPoint.ts';

const SITE_RECOVERY_API_VERSION = '2023-06-01';
const COMPUTE_API_VERSION = '2024-07-01';
const AUTOMATION_API_VERSION = '2023-11-01';
/** Placeholder; a person replaces it with the id of a recovery point. */
export const POINT_PLACEHOLDER = 'RECOVERY-POINT-ID';

/** A code block with a comment line for the shell, and the request. */
function requestBlock(
  description: string,
  method: 'get' | 'post' | 'put',
  path: string,
  version: string,
  options: { readonly body?: object; readonly query?: string } = {},
): readonly string[] {
  const url = `https://management.azure.com${path}${path.includes('?') ? '&' : '?'}api-version=${version}`;
  const body = options.body === undefined ? '' : ` --body ${quoteForShell(JSON.stringify(options.body))}`;
  const show = options.query === undefined ? '' : ` --query ${quoteForShell(options.query)}`;
  return [
    '',
    '  ```sh',
    `  # ${description.replace(/\s+/g, ' ').replaceAll('`', "'")}`,
    `  az rest --method ${method} --url ${quoteForShell(url)}${body}${show}`,
    '  ```',
    '',
  ];
}

/** Quotes a text as one word for a shell, without any special character. */
const quoteForShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A VM for a request: name, replicated item, and the scenario that decides the form of the request. */
export interface RequestVm {
  readonly name: string;
  readonly armId: string;
  readonly scenario: Scenario;
}

export const failoverRequest = (
  { name, armId, scenario }: RequestVm,
  recoveryPointId?: string,
): readonly string[] =>
  requestBlock(
    'Fail over ' +
      `${name}${recoveryPointId === undefined ? ' to its latest point' : ' to the chosen point'}.`,
    'post',
    `${armId}/unplannedFailover`,
    SITE_RECOVERY_API_VERSION,
    { body: requireCapabilities(scenario).manualRequests.failover(recoveryPointId) },
  );

export const commitRequest = (name: string, id: string): readonly string[] =>
  requestBlock(`Commit ${name}.`, 'post', `${id}/failoverCommit`, SITE_RECOVERY_API_VERSION);

/** Only a scenario with multi-VM groups has shared recovery points. */
function sharedFieldOf(scenario: Scenario): string {
  const path = requireCapabilities(scenario).manualRequests.sharedPointPath;
  return path === null ? '' : `shared:${path}, `;
}

export const listPointsRequest = ({ name, armId, scenario }: RequestVm): readonly string[] =>
  requestBlock(
    `List the recovery points of ${name}. The newest one is the last.`,
    'get',
    `${armId}/recoveryPoints`,
    SITE_RECOVERY_API_VERSION,
    {
      query:
        'sort_by(value, &properties.recoveryPointTime)[].{time:properties.recoveryPointTime, ' +
        'type:properties.recoveryPointType, ' +
        `${sharedFieldOf(scenario)}id:id}`,
    },
  );

export const checkPlanRequest = (name: string, nativePlanId: string): readonly string[] =>
  requestBlock(
    `Check whether the native plan of ${name} exists.`,
    'get',
    nativePlanId,
    SITE_RECOVERY_API_VERSION,
    {
      query: 'properties.allowedOperations',
    },
  );

type PlanSpec = Extract<PrerequisiteSpec, { kind: 'recoveryPlan' }>;
export const createPlanRequest = (
  name: string,
  nativePlanId: string,
  { primaryFabricId, recoveryFabricId, items }: PlanSpec,
): readonly string[] =>
  requestBlock(
    `Only if it does not exist: create the native plan of ${name}.`,
    'put',
    nativePlanId,
    SITE_RECOVERY_API_VERSION,
    {
      body: {
        properties: {
          primaryFabricId,
          recoveryFabricId,
          failoverDeploymentModel: 'ResourceManager',
          groups: [{ groupType: 'Boot', replicationProtectedItems: items }],
        },
      },
    },
  );

export const failoverPlanRequest = (
  scenario: Scenario,
  name: string,
  nativePlanId: string,
  kind: RecoveryPointKind,
): readonly string[] =>
  requestBlock(
    `Fail over all members of ${name} to ${kind}.`,
    'post',
    `${nativePlanId}/unplannedFailover`,
    SITE_RECOVERY_API_VERSION,
    { body: requireCapabilities(scenario).manualRequests.failoverOfGroup?.(kind) ?? {} },
  );

export const listJobsRequest = (vaultId: string): readonly string[] =>
  requestBlock(
    'List the jobs of the vault, the newest first.',
    'get',
    `${vaultId}/replicationJobs`,
    SITE_RECOVERY_API_VERSION,
    {
      query:
        'value[].{job:name, operation:properties.scenarioName, vm:properties.targetObjectName, ' +
        'state:properties.state, startedAt:properties.startTime}',
    },
  );

export const readItemRequest = ({ name, armId, scenario }: RequestVm): readonly string[] =>
  requestBlock(
    `Read the state of ${name}. It has failed over when its location is "Recovery" and it allows "Commit".`,
    'get',
    armId,
    SITE_RECOVERY_API_VERSION,
    {
      query:
        'properties.{location:activeLocation, state:protectionState, allows:allowedOperations, ' +
        `recoveryVm:${requireCapabilities(scenario).manualRequests.recoveryVmPath}}`,
    },
  );

export const checkMachineRequest = (name: string, machineId: string): readonly string[] =>
  requestBlock(
    `Check that the VM of ${name} runs: "VM running", and the VM agent "Ready".`,
    'get',
    `${machineId}?$expand=instanceView`,
    COMPUTE_API_VERSION,
    {
      query:
        '{power:properties.instanceView.statuses[].displayStatus, ' +
        'agent:properties.instanceView.vmAgent.statuses[].displayStatus}',
    },
  );

/** Placeholder for the name of the automation job. Each request needs a new name. */
export const JOB_PLACEHOLDER = 'NEW-GUID';
export function automationJobRequest(
  name: string,
  runbookId: string,
  parameters: Readonly<Record<string, string>>,
): readonly string[] {
  const [account = '', runbook = ''] = runbookId.split(/\/runbooks\//i);
  return requestBlock(
    `Start the runbook of "${name}". Put a new GUID in place of ${JOB_PLACEHOLDER}.`,
    'put',
    `${account}/jobs/${JOB_PLACEHOLDER}`,
    AUTOMATION_API_VERSION,
    { body: { properties: { runbook: { name: runbook }, parameters } } },
  );
}
