// Describes the routes for the time before replication. They read much, and change nothing in Azure.
import { ConfirmationRequest } from '../../enabling/confirmations.ts';
import { LOCATION_PROBLEM_CODES } from '../../scenarios/enabling/support.ts';
import {
  Confirmations,
  NetworkRules,
  NewConfirmations,
  ChangePreview,
  EnablingPreview,
  ReadinessReports,
} from '../responses/enabling.ts';
import {
  ConfirmationsQuery,
  EnablingPreviewRequest,
  NetworkRulesRequest,
  ReadinessRequest,
} from '../queries.ts';
import { ChangePreviewRequest } from '../../commands/command.ts';
import { AZURE_PROBLEMS, type RouteDescription } from './routeDescription.ts';
import {
  EXAMPLE_SITE_REQUEST,
  EXAMPLE_SOURCE,
  EXAMPLE_VAULT_ARM_ID,
  EXAMPLE_VM_ID,
  EXAMPLE_SOURCE_VM_ID,
  EXAMPLE_WEB_VM_ID,
  UNKNOWN_VM_ID,
} from './exampleValues.ts';

const LOCATION_PROBLEMS = LOCATION_PROBLEM_CODES.map((code) => `422 ${code}` as const);
const EXAMPLE_REQUEST = {
  vault: { id: EXAMPLE_VAULT_ARM_ID },
  target: { region: 'southeastasia' },
  vms: [EXAMPLE_SOURCE_VM_ID],
} as const;

/** The sample environment has no vCenter, so the preview refuses the site. */
const EXAMPLE_VMWARE_REQUEST = {
  goal: { protect: 'vmwareVm', to: 'azure' },
  vault: { id: EXAMPLE_VAULT_ARM_ID },
  source: { site: 'harbour', server: 'harbour-appliance', account: 'windows-installer' },
  target: { region: 'southeastasia' },
  vms: ['cargo-web'],
} as const;

export const ENABLING_ROUTES = {
  'POST /api/v1/previews': {
    id: 'previewEnabling',
    area: 'enabling',
    summary: 'Shows the things that enabling would create, reuse, choose and refuse; changes nothing.',
    body: { schema: EnablingPreviewRequest },
    responses: {
      200: { description: 'The preview, with the refusals in it.', schema: EnablingPreview },
    },
    problems: AZURE_PROBLEMS,
    examples: [
      { name: 'One VM to South East Asia', body: EXAMPLE_REQUEST, status: 200 },
      { name: 'A machine of a vCenter', body: EXAMPLE_VMWARE_REQUEST, status: 200 },
      {
        name: 'A machine of a Hyper-V site that can come home, with its disk',
        body: EXAMPLE_SITE_REQUEST,
        status: 200,
      },
      {
        name: 'A longer retention than Site Recovery offers',
        body: { ...EXAMPLE_REQUEST, policy: { retentionHours: 73 } },
        status: 400,
      },
    ],
  },
  'POST /api/v1/change-previews': {
    id: 'previewChange',
    area: 'enabling',
    summary: 'Shows what a change of target settings would set, keep and refuse; changes nothing.',
    body: { schema: ChangePreviewRequest },
    responses: {
      200: { description: 'The verdict about each VM, with the refusals in it.', schema: ChangePreview },
    },
    problems: [
      '422 VmUnknown',
      '409 NotProtectedYet',
      '409 OperationNotAllowed',
      '409 VmHeld',
      '422 ScenarioNotPossibleYet',
      ...AZURE_PROBLEMS,
    ],
    examples: [
      {
        name: 'Another size',
        body: { vms: [EXAMPLE_WEB_VM_ID], change: { size: 'Standard_D4s_v5' } },
        status: 200,
      },
      {
        name: 'A VM that Lifeboat does not know',
        body: { vms: [UNKNOWN_VM_ID], change: { size: 'Standard_D4s_v5' } },
        status: 422,
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
      { name: 'A machine of a Hyper-V site', body: EXAMPLE_SITE_REQUEST, status: 200 },
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
  'GET /api/v1/check-confirmations': {
    id: 'listConfirmations',
    area: 'enabling',
    summary: 'Lists the manual checks that persons confirmed, page by page, the newest first.',
    query: ConfirmationsQuery,
    responses: { 200: { description: 'One page of confirmations.', schema: Confirmations } },
    problems: ['400 ContinuationInvalid'],
    examples: [
      { name: 'All', status: 200 },
      { name: 'The confirmations of one VM', query: { vm: EXAMPLE_SOURCE_VM_ID }, status: 200 },
    ],
  },
  'POST /api/v1/check-confirmations': {
    id: 'confirmCheck',
    area: 'enabling',
    summary:
      'Confirms a manual check for VMs or for a source. It passes until the VM changes, or until ' +
      'LIFEBOAT_CHECK_DAYS are over.',
    body: { schema: ConfirmationRequest },
    responses: { 201: { description: 'The confirmations.', schema: NewConfirmations } },
    problems: [
      '422 VmUnknown',
      '422 SiteUnknown',
      '422 CheckNotManual',
      ...LOCATION_PROBLEMS,
      ...AZURE_PROBLEMS,
    ],
    examples: [
      {
        name: 'The root certificates of one VM',
        body: { check: 'PRE-6', vms: [EXAMPLE_SOURCE_VM_ID], note: 'All updates are installed.' },
        status: 201,
      },
      {
        name: 'The firewall of a source',
        body: { check: 'PRE-9', source: EXAMPLE_SOURCE, target: { region: 'southeastasia' } },
        status: 201,
      },
      {
        name: 'A check that Lifeboat does itself',
        body: { check: 'PRE-4', vms: [EXAMPLE_SOURCE_VM_ID] },
        status: 422,
      },
    ],
  },
  'DELETE /api/v1/check-confirmations/{id}': {
    id: 'withdrawConfirmation',
    area: 'enabling',
    summary: 'Withdraws a confirmation: the check is manual again.',
    responses: { 204: { description: 'The confirmation no longer exists.' } },
    problems: ['404 ConfirmationUnknown', '409 ConfirmationContended'],
    examples: [{ name: 'An unknown confirmation', path: { id: 'check-none' }, status: 404 }],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
