// Describes the routes for the time before replication. These routes read much and change nothing.
import { NetworkRules, EnablingPreview, ReadinessReports } from '../responses/enabling.ts';
import { NetworkRulesRequest, ReadinessRequest } from '../queries.ts';
import { AZURE_PROBLEMS, type RouteDescription } from './routeDescription.ts';
import { EXAMPLE_VAULT_ARM_ID, EXAMPLE_VM_ID, EXAMPLE_SOURCE_VM_ID } from './exampleValues.ts';
import { PrepareRequest } from '../../scenarios/drivers.ts';

const EXAMPLE_REQUEST = {
  vault: { id: EXAMPLE_VAULT_ARM_ID },
  target: { region: 'southeastasia' },
  vms: [EXAMPLE_SOURCE_VM_ID],
} as const;

export const ENABLING_ROUTES = {
  'POST /api/v1/previews': {
    id: 'previewEnabling',
    area: 'enabling',
    summary: 'Shows the things that enabling would create, reuse, choose and refuse; changes nothing.',
    body: { schema: PrepareRequest },
    responses: {
      200: { description: 'The preview, with the refusals in it.', schema: EnablingPreview },
    },
    problems: AZURE_PROBLEMS,
    examples: [
      { name: 'One VM to South East Asia', body: EXAMPLE_REQUEST, status: 200 },
      {
        name: 'A longer retention than Site Recovery offers',
        body: { ...EXAMPLE_REQUEST, policy: { retentionHours: 73 } },
        status: 400,
      },
    ],
  },
  'POST /api/v1/readiness': {
    id: 'checkReadiness',
    area: 'enabling',
    summary:
      'Checks an enabling request or replicated VMs, with verdict and remedy. Uses the effective ' +
      'security rules.',
    body: { schema: ReadinessRequest },
    responses: { 200: { description: 'A report for each vault and direction.', schema: ReadinessReports } },
    problems: ['422 VmUnknown', ...AZURE_PROBLEMS],
    examples: [
      { name: 'One VM before enabling', body: EXAMPLE_REQUEST, status: 200 },
      { name: 'A replicated VM', body: { vms: [EXAMPLE_VM_ID] }, status: 200 },
    ],
  },
  'POST /api/v1/network-rules': {
    id: 'proposeNetworkRules',
    area: 'enabling',
    summary: 'Proposes the security rules that VMs need for replication, ready to apply.',
    body: { schema: NetworkRulesRequest },
    responses: {
      200: {
        description: 'The rules by security group; empty when nothing blocks replication.',
        schema: NetworkRules,
      },
    },
    problems: ['422 VmUnknown', ...AZURE_PROBLEMS],
    examples: [{ name: 'For one VM', body: { vms: [EXAMPLE_SOURCE_VM_ID] }, status: 200 }],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
