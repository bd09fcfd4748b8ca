// Describes the job routes for the OpenAPI document.
import * as z from 'zod';
import { Command } from '../../commands/command.ts';
import { RunReport } from '../../plans/rules/runReport.ts';
import { ResourceMap } from '../../plans/rules/resourceMap.ts';
import { AnswerRequest } from '../../delivery/answerRequest.ts';
import { CHANGE_PROBLEM_CODES } from '../../scenarios/enabling/updateRequest.ts';
import { OptionalReason, SkipRequest, RequiredReason } from '../../jobs/controlJob.ts';
import { Undelivered, Job, JobDetails, Jobs, Log, JobDeliveries, Steps } from '../responses/job.ts';
import { Measures } from '../responses/plan.ts';
import { EventsQuery, JobsQuery, LogQuery, PageQuery, StepsQuery } from '../queries.ts';
import { AZURE_PROBLEMS, type RouteDescription, type RouteExample } from './routeDescription.ts';
import { EXAMPLE_JOB_ID, UNKNOWN_VM_ID, EXAMPLE_VM_ID } from './exampleValues.ts';

const UNKNOWN_JOB = '404 JobUnknown';
const ANSWER_PROBLEMS = [
  '409 NothingAsked',
  '409 AnsweredAlready',
  '422 AnswerNotPossible',
  '403 OwnRequest',
  '403 NotAsked',
  '409 ApprovalExpired',
  '409 BeforeItWasAsked',
] as const;
/** Only a change of settings reads Azure before its job starts. */
const CHANGE_PROBLEMS = CHANGE_PROBLEM_CODES.map((code) => `422 ${code}` as const);
const INVALID_CONTINUATION = '400 ContinuationInvalid';
const unknownJobExample = (body: object): RouteExample => ({
  name: 'An unknown job',
  path: { id: 'job-none' },
  body,
  status: 404,
});
const jobControlRoute = (
  id: string,
  summary: string,
  problems: NonNullable<RouteDescription['problems']> = [],
  status = 200,
): RouteDescription => ({
  id,
  area: 'jobs',
  summary,
  body: { schema: OptionalReason, isOptional: true },
  responses: { [status]: { description: 'The job after the change.', schema: Job, headers: ['location'] } },
  problems: [UNKNOWN_JOB, '409 JobEnded', '409 JobCancelled', '409 JobContended', ...problems],
  examples: [unknownJobExample({ reason: 'A false alarm' })],
});

export const JOB_ROUTES = {
  'POST /api/v1/jobs': {
    id: 'createJob',
    area: 'jobs',
    summary: 'Starts an operation: a command becomes one job for each key.',
    body: { schema: Command },
    idempotent: true,
    responses: {
      202: {
        description: 'The new job, or the existing job for the same command with this key.',
        schema: Job,
        headers: ['location', 'retry-after'],
      },
    },
    problems: [
      '400 IdempotencyKeyMissing',
      '409 IdempotencyKeyReused',
      '409 VmHeld',
      '409 OperationNotAllowed',
      '409 NotProtectedYet',
      '409 PlanCannotRun',
      '409 PlanChanged',
      '404 PlanUnknown',
      '422 VmUnknown',
      '422 NoPlannedFailover',
      '422 FailbackNotPossible',
      '422 NoRecoveryPointAtFailback',
      '422 ScenarioNotPossibleYet',
      '422 RecoveryPointOfOneVm',
      '422 GroupIncomplete',
      '422 PlanEmpty',
      '422 PlanInvalid',
      '422 VmNotInPlan',
      '422 ImpossibleGoal',
      '422 ScenarioNotBuilt',
      '422 SameRegion',
      '422 GroupTooLarge',
      ...CHANGE_PROBLEMS,
      ...AZURE_PROBLEMS,
      '422 CacheElsewhere',
      '422 PlaceNotUsed',
      '422 PlaceOfGroup',
      '422 PlaceOfSeveralRegions',
      '422 CacheOfGroup',
      '422 CacheNotUsed',
      '422 NetworkElsewhere',
    ],
    examples: [
      {
        name: 'A failover, for a ticket',
        headers: { 'idempotency-key': 'INC-1000' },
        body: {
          operation: 'failover',
          vms: [EXAMPLE_VM_ID],
          ticket: 'INC-1000',
          reason: 'East Asia is dark',
        },
        status: 202,
      },
      {
        name: 'The same command again: the same job',
        headers: { 'idempotency-key': 'INC-1000' },
        body: {
          operation: 'failover',
          vms: [EXAMPLE_VM_ID],
          ticket: 'INC-1000',
          reason: 'East Asia is dark',
        },
        status: 202,
      },
      {
        name: 'A VM that Lifeboat does not know',
        headers: { 'idempotency-key': 'INC-1001' },
        body: { operation: 'failover', vms: [UNKNOWN_VM_ID] },
        status: 422,
      },
    ],
  },
  'GET /api/v1/jobs': {
    id: 'listJobs',
    area: 'jobs',
    summary: 'Lists the jobs, the newest first.',
    query: JobsQuery,
    responses: { 200: { description: 'One page of jobs.', schema: Jobs } },
    problems: [INVALID_CONTINUATION],
    examples: [
      {
        name: 'The failed jobs of a ticket',
        query: { ticket: 'INC-1000', state: 'failed,completedWithExceptions' },
        status: 200,
      },
      { name: 'An invalid state', query: { state: 'broken' }, status: 400 },
    ],
  },
  'GET /api/v1/jobs/{id}': {
    id: 'readJob',
    area: 'jobs',
    summary: 'Reads a job, with each step and the newest lines of its log.',
    responses: { 200: { description: 'The job.', schema: JobDetails } },
    problems: [UNKNOWN_JOB],
    examples: [
      { name: 'The job of the first example', path: { id: EXAMPLE_JOB_ID }, status: 200 },
      { name: 'An unknown job', path: { id: 'job-none' }, status: 404 },
    ],
  },
  'GET /api/v1/jobs/{id}/steps': {
    id: 'listJobSteps',
    area: 'jobs',
    summary: 'Lists the steps of a job, page by page.',
    query: StepsQuery,
    responses: { 200: { description: 'One page of steps, in the order of the phases.', schema: Steps } },
    problems: [UNKNOWN_JOB, INVALID_CONTINUATION],
    examples: [
      { name: 'The failed steps', path: { id: EXAMPLE_JOB_ID }, query: { state: 'failed' }, status: 200 },
    ],
  },
  'GET /api/v1/jobs/{id}/log': {
    id: 'readJobLog',
    area: 'jobs',
    summary: 'Reads the whole log of a job, page by page.',
    query: LogQuery,
    responses: { 200: { description: 'One page of the log.', schema: Log } },
    problems: [UNKNOWN_JOB, INVALID_CONTINUATION],
    examples: [
      {
        name: 'From the start',
        path: { id: EXAMPLE_JOB_ID },
        query: { order: 'oldest', limit: '10' },
        status: 200,
      },
    ],
  },
  'GET /api/v1/jobs/{id}/deliveries': {
    id: 'listJobDeliveries',
    area: 'jobs',
    summary: "Lists the receivers of a job's events, with their positions and their undelivered ranges.",
    responses: { 200: { description: 'Each target with its position.', schema: JobDeliveries } },
    problems: [UNKNOWN_JOB],
    examples: [{ name: 'The job of the first example', path: { id: EXAMPLE_JOB_ID }, status: 200 }],
  },
  'GET /api/v1/jobs/{id}/events': {
    id: 'streamJobEvents',
    area: 'jobs',
    summary:
      'Streams the events of a job as server-sent events, at most 500 in one answer. The id of an ' +
      'event is its number: call again with this number as Last-Event-ID.',
    query: EventsQuery,
    responses: {
      200: {
        description:
          'Each event is a CloudEvent, as call-backs get it. Without an event, the answer waits up to 20 ' +
          'seconds, or up to `wait` seconds, for the first event, and may then be ' +
          'empty. Call again after `retry` milliseconds. In each instance 20 answers may wait for one ' +
          'caller, and 200 for all callers: beyond that the answer comes at once.',
        type: 'text/event-stream',
      },
      204: { description: 'The job has ended and the listener has all events: do not call again.' },
    },
    problems: [UNKNOWN_JOB],
    examples: [
      { name: 'From the start', path: { id: EXAMPLE_JOB_ID }, status: 200 },
      { name: 'An unknown job', path: { id: 'job-none' }, status: 404 },
    ],
  },
  'GET /api/v1/jobs/{id}/measures': {
    id: 'readJobMeasures',
    area: 'jobs',
    summary: 'Shows the durations and data losses of a job in total, per group and per VM, with the targets.',
    query: PageQuery,
    responses: {
      200: { description: 'The measures; for a running job the measures so far.', schema: Measures },
    },
    problems: [UNKNOWN_JOB, INVALID_CONTINUATION, '404 NotMeasured'],
    examples: [{ name: 'The job of the first example', path: { id: EXAMPLE_JOB_ID }, status: 200 }],
  },
  'GET /api/v1/jobs/{id}/report': {
    id: 'readRunReport',
    area: 'jobs',
    summary:
      'Reads the report of a job: planned, done and not executed steps, VMs, checks, durations with the ' +
      'targets, approvals, notes, exceptions and open ends.',
    responses: {
      200: {
        description: 'The report; with `Accept: text/markdown` as a printable text.',
        schema: RunReport,
        alternativeTextType: 'text/markdown',
      },
    },
    problems: [UNKNOWN_JOB],
    examples: [
      { name: 'The job of the first example', path: { id: EXAMPLE_JOB_ID }, status: 200 },
      { name: 'An unknown job', path: { id: 'job-none' }, status: 404 },
    ],
  },
  'GET /api/v1/jobs/{id}/map': {
    id: 'readJobMap',
    area: 'jobs',
    summary:
      'Maps old to new resource ids after a failover, a failback or a drill, page by page or as one CSV.',
    query: PageQuery,
    responses: {
      200: {
        description:
          'One page of the map; with `Accept: text/csv` the whole map, one line for each resource.',
        schema: ResourceMap,
        alternativeTextType: 'text/csv',
      },
    },
    problems: [UNKNOWN_JOB, INVALID_CONTINUATION, '404 NotMapped', '406 NotAcceptable', ...AZURE_PROBLEMS],
    examples: [{ name: 'The job of the first example', path: { id: EXAMPLE_JOB_ID }, status: 200 }],
  },
  'GET /api/v1/schemas/resource-map': {
    id: 'readResourceMapSchema',
    area: 'jobs',
    summary: 'The JSON Schema of a resource map.',
    responses: {
      200: {
        description: 'The schema.',
        schema: z.looseObject({ type: z.literal('object') }),
        type: 'application/schema+json',
      },
    },
    examples: [{ name: 'The schema', status: 200 }],
  },
  'POST /api/v1/jobs/{id}/pause': jobControlRoute(
    'pauseJob',
    'Starts nothing more for now; running steps continue. A drill with an expired time to live ' +
      'still gets its clean-up.',
  ),
  'POST /api/v1/jobs/{id}/resume': jobControlRoute('resumeJob', 'Continues a paused job.'),
  'POST /api/v1/jobs/{id}/cancel': jobControlRoute(
    'cancelJob',
    'Starts nothing more at all, and lets running steps end.',
  ),
  'POST /api/v1/jobs/{id}/retry': jobControlRoute(
    'retryJob',
    'Repeats only the failed and skipped steps, in the same job. Exceptions and measures ' +
      'stay unchanged until the job has ended again.',
    ['409 NothingToRetry', '409 VmHeld'],
    202,
  ),
  'POST /api/v1/jobs/{id}/skip': {
    ...jobControlRoute('skipStep', 'Skips steps that have not begun.', ['404 StepUnknown', '409 StepBegun']),
    body: { schema: SkipRequest },
    examples: [unknownJobExample({ target: EXAMPLE_VM_ID, reason: 'We rebuild the VM by hand' })],
  },
  'POST /api/v1/jobs/{id}/source-lost': {
    ...jobControlRoute(
      'declareSourceLost',
      'Declares the source lost: the remaining failovers do not wait for its shutdown.',
      ['409 SourceNotAwaited'],
    ),
    body: { schema: RequiredReason },
  },
  'POST /api/v1/jobs/{id}/take-over': {
    ...jobControlRoute('takeOverJob', 'Takes the job from a hanging orchestration.', [], 202),
    body: { schema: RequiredReason },
  },
  'POST /api/v1/jobs/{id}/answers': {
    ...jobControlRoute(
      'answerJob',
      'Answers a question of a job: a manual step, a failed step, a wait or an approval.',
      ANSWER_PROBLEMS,
    ),
    body: { schema: AnswerRequest },
    examples: [unknownJobExample({ question: 'step:action:go:0', answer: 'approved' })],
  },
  'POST /api/v1/jobs/{id}/undelivered/{undeliveredId}/resume': {
    id: 'resumeJobDelivery',
    area: 'jobs',
    summary: 'Resumes a stopped delivery of the events of a job.',
    responses: { 200: { description: 'The range after the change.', schema: Undelivered } },
    problems: [UNKNOWN_JOB, '404 UndeliveredUnknown', '503 UndeliveredContended'],
    examples: [
      {
        name: 'An unknown range',
        path: { id: EXAMPLE_JOB_ID, undeliveredId: 'gap:none' },
        status: 404,
      },
    ],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
