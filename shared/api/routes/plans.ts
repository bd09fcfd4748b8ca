// Routes of recovery plans.
import { Plan } from '../../plans/rules/plan.ts';
import { PreviewRequest } from '../../runs/previewPlan.ts';
import { Findings, PlanDetails, Plans, RunPreview, SavedPlan } from '../responses/plan.ts';
import { PlanQuery } from '../queries.ts';
import { AZURE_PROBLEMS, type RouteDescription } from './routeDescription.ts';
import { EXAMPLE_PLAN } from './exampleValues.ts';

const SAVED_PLAN_RESPONSE = { schema: SavedPlan, headers: ['etag', 'location'] } as const;

export const PLAN_ROUTES = {
  'PUT /api/v1/plans/{planId}': {
    id: 'savePlan',
    area: 'plans',
    summary: 'Saves a plan as its next version; a change needs If-Match with the version that was read.',
    body: { schema: Plan },
    ifMatch: true,
    responses: {
      200: {
        description: 'The plan changed, or as it was when nothing is different.',
        ...SAVED_PLAN_RESPONSE,
      },
      201: { description: 'The plan, new.', ...SAVED_PLAN_RESPONSE },
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
        name: 'By somebody who has not read it',
        path: { planId: 'shop' },
        body: { ...EXAMPLE_PLAN, name: 'Other' },
        status: 428,
      },
    ],
  },
  'GET /api/v1/plans': {
    id: 'listPlans',
    area: 'plans',
    summary: 'The recovery plans, those of Site Recovery among them.',
    responses: { 200: { description: 'All of them.', schema: Plans } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/plans/{planId}': {
    id: 'readPlan',
    area: 'plans',
    summary: 'One of them, with its versions; `version` for an older one.',
    query: PlanQuery,
    responses: { 200: { description: 'The plan.', schema: PlanDetails, headers: ['etag'] } },
    problems: ['404 PlanUnknown'],
    examples: [
      { name: 'As it is now', path: { planId: 'shop' }, status: 200 },
      { name: 'As it was first', path: { planId: 'shop' }, query: { version: '1' }, status: 200 },
      { name: 'One that is not there', path: { planId: 'none' }, status: 404 },
    ],
  },
  'POST /api/v1/plan-lint': {
    id: 'lintPlan',
    area: 'plans',
    summary: 'What is wrong or doubtful in a plan, by line and column; nothing is saved.',
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
    summary:
      'What a run of a plan would do now, how long it would take, and what is in its way; nothing is done.',
    body: { schema: PreviewRequest },
    responses: { 200: { description: 'The preview.', schema: RunPreview } },
    problems: ['404 PlanUnknown', '422 PlanInvalid', '422 RecoveryPointOfOneVm', ...AZURE_PROBLEMS],
    examples: [
      { name: 'A drill', path: { planId: 'shop' }, body: { operation: 'testFailover' }, status: 200 },
    ],
  },
  'GET /api/v1/plans/{planId}/runbook': {
    id: 'readRunbook',
    area: 'plans',
    summary:
      'What to do by hand when Lifeboat itself is down: the plan as a text to be printed, with ' +
      'the requests to Azure.',
    ifNoneMatch: true,
    responses: {
      200: {
        description: 'As Markdown. The ETag is the SHA-256 of its bytes.',
        type: 'text/markdown',
        headers: ['etag'],
      },
      304: { description: 'If-None-Match names it: the copy is as it is here.', headers: ['etag'] },
    },
    problems: ['404 PlanUnknown'],
    examples: [
      { name: 'To be mirrored', path: { planId: 'shop' }, status: 200 },
      {
        name: 'Again, by who has it',
        path: { planId: 'shop' },
        headers: { 'if-none-match': '*' },
        status: 304,
      },
      { name: 'A plan that is not there', path: { planId: 'nobody' }, status: 404 },
    ],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
