// Routes of what comes before VMs are replicated. They ask much and change nothing.
import { PrepareRequest } from '../../enabling/rules/request/request.ts';
import { NetworkRules, EnablingPreview, ReadinessReports } from '../responses/enabling.ts';
import { NetworkRulesRequest, ReadinessRequest } from '../queries.ts';
import { AZURE_PROBLEMS, type RouteDescription } from './routeDescription.ts';
import { EXAMPLE_VAULT_ARM_ID, EXAMPLE_VM_ID, EXAMPLE_SOURCE_VM_ID } from './exampleValues.ts';

const EXAMPLE_REQUEST = {
  vault: { id: EXAMPLE_VAULT_ARM_ID },
  target: { region: 'southeastasia' },
  vms: [{ id: EXAMPLE_SOURCE_VM_ID }],
} as const;

export const ENABLING_ROUTES = {
  'POST /api/v1/previews': {
    id: 'previewEnabling',
    area: 'enabling',
    summary: 'What enabling replication would make, reuse, choose and refuse; nothing is done.',
    body: { schema: PrepareRequest },
    responses: {
      200: { description: 'The preview. What is refused stands in it.', schema: EnablingPreview },
    },
    problems: AZURE_PROBLEMS,
    examples: [
      { name: 'One VM to South East Asia', body: EXAMPLE_REQUEST, status: 200 },
      {
        name: 'Points for longer than Site Recovery keeps them',
        body: { ...EXAMPLE_REQUEST, policy: { retentionHours: 73 } },
        status: 400,
      },
    ],
  },
  'POST /api/v1/readiness': {
    id: 'checkReadiness',
    area: 'enabling',
    summary:
      'Checks with verdict and remedy, of a wish or of replicated VMs, by the security rules ' +
      'that truly hold.',
    body: { schema: ReadinessRequest },
    responses: { 200: { description: 'A report for each vault and way.', schema: ReadinessReports } },
    problems: ['422 VmUnknown', ...AZURE_PROBLEMS],
    examples: [
      { name: 'Before one VM is enabled', body: EXAMPLE_REQUEST, status: 200 },
      { name: 'Of a VM that replicates', body: { vms: [EXAMPLE_VM_ID] }, status: 200 },
    ],
  },
  'POST /api/v1/network-rules': {
    id: 'proposeNetworkRules',
    area: 'enabling',
    summary: 'The security rules that would let VMs replicate, ready to apply.',
    body: { schema: NetworkRulesRequest },
    responses: {
      200: {
        description: 'The rules by security group; none where nothing is closed.',
        schema: NetworkRules,
      },
    },
    problems: ['422 VmUnknown', ...AZURE_PROBLEMS],
    examples: [{ name: 'For one VM', body: { vms: [EXAMPLE_SOURCE_VM_ID] }, status: 200 }],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
