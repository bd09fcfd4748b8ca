// Describes the routes of recovery plans.
import { Plan } from '../../plans/rules/plan.ts';
import { PreviewRequest } from '../../runs/previewFromStore.ts';
import { Findings, PlanDetails, Plans, RunPreview, SavedPlan } from '../responses/plan.ts';
import { PlanQuery } from '../queries.ts';
import { AZURE_PROBLEMS, type RouteDescription } from './routeDescription.ts';
import { EXAMPLE_PLAN } from './exampleValues.ts';

const SAVED_PLAN_RESPONSE = { schema: SavedPlan, headers: ['etag', 'location'] } as const;

export const PLAN_ROUTES = {
  'PUT /api/v1/plans/{planId}': {
    id: 'savePlan',
    area: 'plans',
    summary: 'Saves a plan as its next version; a change needs If-Match with the version from the read.',
    body: { schema: Plan },
    ifMatch: true,
    responses: {
      200: {
        description: 'The changed plan, or the same plan when nothing differs.',
        ...SAVED_PLAN_RESPONSE,
      },
      201: { description: 'The new plan.', ...SAVED_PLAN_RESPONSE },
    },
    problems: [
      '409 PlanIsNative',
      '412 PlanChanged',
      '412 PlanUnknown',
      '422 PlanInvalid',
      '428 IfMatchMissing',
    ],
    examples: [
      { name: 'A plan of one group', path: { planId: 'shop' }, body: EXAMPLE_PLAN, status: 201 },
      {
        name: 'Its next version',
        path: { planId: 'shop' },
        headers: { 'if-match': '"1"' },
        body: { ...EXAMPLE_PLAN, description: 'The shop, front to back.' },
        status: 200,
      },
      {
        name: 'A change without a read',
        path: { planId: 'shop' },
        body: { ...EXAMPLE_PLAN, name: 'Other' },
        status: 428,
      },
    ],
  },
  'GET /api/v1/plans': {
    id: 'listPlans',
    area: 'plans',
    summary: 'Lists the recovery plans, including the plans of Site Recovery.',
    responses: { 200: { description: 'All plans.', schema: Plans } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/plans/{planId}': {
    id: 'readPlan',
    area: 'plans',
    summary: 'Reads one plan, with its versions; `version` selects an older version.',
    query: PlanQuery,
    responses: { 200: { description: 'The plan.', schema: PlanDetails, headers: ['etag'] } },
    problems: ['404 PlanUnknown'],
    examples: [
      { name: 'The present version', path: { planId: 'shop' }, status: 200 },
      { name: 'The first version', path: { planId: 'shop' }, query: { version: '1' }, status: 200 },
      { name: 'An unknown plan', path: { planId: 'none' }, status: 404 },
    ],
  },
  'DELETE /api/v1/plans/{planId}': {
    id: 'removePlan',
    area: 'plans',
    summary: 'Removes a plan that no open job, schedule or alert rule uses; its versions and jobs stay.',
    ifMatch: true,
    responses: { 204: { description: 'The plan no longer exists.' } },
    problems: [
      '404 PlanUnknown',
      '409 PlanInUse',
      '409 PlanIsNative',
      '412 PlanChanged',
      '428 IfMatchMissing',
    ],
    examples: [{ name: 'An unknown plan', path: { planId: 'none' }, status: 404 }],
  },
  'POST /api/v1/plan-lint': {
    id: 'lintPlan',
    area: 'plans',
    summary: 'Finds errors and doubtful parts in a plan, by line and column; saves nothing.',
    body: { schema: Plan },
    responses: { 200: { description: 'The findings.', schema: Findings } },
    examples: [
      {
        name: 'A plan without VMs',
        body: { name: 'Shop', runs: { failover: [{ name: 'front', vms: [] }] } },
        status: 200,
      },
    ],
  },
  'POST /api/v1/plans/{planId}/preview': {
    id: 'previewPlan',
    area: 'plans',
    summary: 'Previews a run of a plan: its phases, its duration and its obstacles; changes nothing.',
    body: { schema: PreviewRequest },
    responses: { 200: { description: 'The preview.', schema: RunPreview } },
    problems: [
      '404 PlanUnknown',
      '422 PlanInvalid',
      '422 RecoveryPointOfOneVm',
      '422 VmNotInPlan',
      ...AZURE_PROBLEMS,
    ],
    examples: [
      { name: 'A drill', path: { planId: 'shop' }, body: { operation: 'testFailover' }, status: 200 },
      {
        name: 'Without a VM that is not in the plan',
        path: { planId: 'shop' },
        body: { operation: 'failover', exclude: [`vm-${'a'.repeat(26)}`] },
        status: 422,
      },
    ],
  },
  'GET /api/v1/plans/{planId}/runbook': {
    id: 'readRunbook',
    area: 'plans',
    summary:
      'Reads the instructions for a failure of Lifeboat itself: the plan as a printable text, with ' +
      'the requests to Azure.',
    ifNoneMatch: true,
    responses: {
      200: {
        description: 'The runbook as Markdown. The ETag is the SHA-256 of its bytes.',
        type: 'text/markdown',
        headers: ['etag'],
      },
      304: { description: 'Your copy is current, according to If-None-Match.', headers: ['etag'] },
    },
    problems: ['404 PlanUnknown'],
    examples: [
      { name: 'A copy for later', path: { planId: 'shop' }, status: 200 },
      {
        name: 'Again, with a current copy',
        path: { planId: 'shop' },
        headers: { 'if-none-match': '*' },
        status: 304,
      },
      { name: 'An unknown plan', path: { planId: 'nobody' }, status: 404 },
    ],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
