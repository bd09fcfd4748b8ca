// Routes of what comes before VMs are replicated. They ask much and change nothing.
import { PrepareWish } from '../../enabling/rules/request/request.ts';
import { NetworkRules, Preview, Reports } from '../answers/enabling.ts';
import { NetworkRulesWish, ReadinessRequest } from '../queries.ts';
import { AZURE, type Described } from './described.ts';
import { VAULT, VM, VM_TO_ENABLE } from './examples.ts';

const WISH = {
  vault: { id: VAULT },
  target: { region: 'southeastasia' },
  vms: [{ id: VM_TO_ENABLE }],
} as const;

export const ENABLING = {
  'POST /api/v1/previews': {
    id: 'previewEnabling',
    area: 'enabling',
    summary: 'What enabling replication would make, reuse, choose and refuse; nothing is done.',
    body: { schema: PrepareWish },
    answers: { 200: { what: 'The preview. What is refused stands in it.', schema: Preview } },
    problems: AZURE,
    examples: [
      { name: 'One VM to South East Asia', body: WISH, status: 200 },
      {
        name: 'Points for longer than Site Recovery keeps them',
        body: { ...WISH, policy: { retentionHours: 73 } },
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
    answers: { 200: { what: 'A report for each vault and way.', schema: Reports } },
    problems: ['422 VmUnknown', ...AZURE],
    examples: [
      { name: 'Before one VM is enabled', body: WISH, status: 200 },
      { name: 'Of a VM that replicates', body: { vms: [VM] }, status: 200 },
    ],
  },
  'POST /api/v1/network-rules': {
    id: 'proposeNetworkRules',
    area: 'enabling',
    summary: 'The security rules that would let VMs replicate, ready to apply.',
    body: { schema: NetworkRulesWish },
    answers: {
      200: { what: 'The rules by security group; none where nothing is closed.', schema: NetworkRules },
    },
    problems: ['422 VmUnknown', ...AZURE],
    examples: [{ name: 'For one VM', body: { vms: [VM_TO_ENABLE] }, status: 200 }],
  },
} as const satisfies Readonly<Record<string, Described>>;
