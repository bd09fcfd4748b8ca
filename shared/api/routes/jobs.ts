// Routes of jobs.
import * as z from 'zod';
import { Command } from '../../commands/command.ts';
import { DrillReport } from '../../plans/rules/drillReport.ts';
import { ResourceMap } from '../../plans/rules/resourceMap.ts';
import { AnswerRequest, VoteRequest } from '../../jobs/answerQuestion.ts';
import { OptionalReason, SkipRequest, RequiredReason } from '../../jobs/controlJob.ts';
import { Undelivered, Job, JobDetails, Jobs, Log, JobDeliveries, Steps } from '../responses/job.ts';
import { Measures } from '../responses/plan.ts';
import { EventsQuery, JobsQuery, LogQuery, PageQuery, StepsQuery } from '../queries.ts';
import { AZURE_PROBLEMS, type RouteDescription, type RouteExample } from './routeDescription.ts';
import { EXAMPLE_JOB_ID, UNKNOWN_VM_ID, EXAMPLE_VM_ID } from './exampleValues.ts';

const UNKNOWN_JOB = '404 JobUnknown';
const INVALID_CONTINUATION = '400 ContinuationInvalid';
const unknownJobExample = (body: object): RouteExample => ({
  name: 'A job that is not there',
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
  responses: { [status]: { description: 'The job as it is then.', schema: Job, headers: ['location'] } },
  problems: [UNKNOWN_JOB, '409 JobEnded', '409 JobCancelled', '409 JobContended', ...problems],
  examples: [unknownJobExample({ reason: 'A false alarm' })],
});

export const JOB_ROUTES = {
  'POST /api/v1/jobs': {
    id: 'createJob',
    area: 'jobs',
    summary: 'Starts an operation: a command becomes a job, once for each key.',
    body: { schema: Command },
    idempotent: true,
    responses: {
      202: {
        description: 'The job: new, or as it is when the same command was sent with this key before.',
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
      '422 ScenarioNotPossibleYet',
      '422 RecoveryPointOfOneVm',
      '422 GroupIncomplete',
      '422 PlanEmpty',
      '422 PlanInvalid',
      '422 VmNotInPlan',
      '422 ImpossibleGoal',
      '422 OtherScenario',
      '422 SameRegion',
      '422 GroupTooLarge',
      '422 AvailabilityTypeFixed',
      '422 PlacementGroupStays',
      '422 CacheElsewhere',
      '422 CacheOfGroup',
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
        name: 'The same, sent again: the same job',
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
    summary: 'The jobs, the newest first.',
    query: JobsQuery,
    responses: { 200: { description: 'A page of them.', schema: Jobs } },
    problems: [INVALID_CONTINUATION],
    examples: [
      {
        name: 'What failed for a ticket',
        query: { ticket: 'INC-1000', state: 'failed,completedWithExceptions' },
        status: 200,
      },
      { name: 'A state that is none', query: { state: 'broken' }, status: 400 },
    ],
  },
  'GET /api/v1/jobs/{id}': {
    id: 'readJob',
    area: 'jobs',
    summary: 'A job, with each step and the newest lines of its log.',
    responses: { 200: { description: 'The job.', schema: JobDetails } },
    problems: [UNKNOWN_JOB],
    examples: [
      { name: 'The job of the first example', path: { id: EXAMPLE_JOB_ID }, status: 200 },
      { name: 'A job that is not there', path: { id: 'job-none' }, status: 404 },
    ],
  },
  'GET /api/v1/jobs/{id}/steps': {
    id: 'listJobSteps',
    area: 'jobs',
    summary: 'The steps of a job, page by page.',
    query: StepsQuery,
    responses: { 200: { description: 'A page of them, in the order of the phases.', schema: Steps } },
    problems: [UNKNOWN_JOB, INVALID_CONTINUATION],
    examples: [
      { name: 'Those that failed', path: { id: EXAMPLE_JOB_ID }, query: { state: 'failed' }, status: 200 },
    ],
  },
  'GET /api/v1/jobs/{id}/log': {
    id: 'readJobLog',
    area: 'jobs',
    summary: 'The whole log of a job, page by page.',
    query: LogQuery,
    responses: { 200: { description: 'A page of it.', schema: Log } },
    problems: [UNKNOWN_JOB, INVALID_CONTINUATION],
    examples: [
      {
        name: 'From its begin',
        path: { id: EXAMPLE_JOB_ID },
        query: { order: 'oldest', limit: '10' },
        status: 200,
      },
    ],
  },
  'GET /api/v1/jobs/{id}/deliveries': {
    id: 'listJobDeliveries',
    area: 'jobs',
    summary: 'The receivers of the events of a job, how far each got them, and what was given up.',
    responses: { 200: { description: 'Each target with its position.', schema: JobDeliveries } },
    problems: [UNKNOWN_JOB],
    examples: [{ name: 'Of the first example', path: { id: EXAMPLE_JOB_ID }, status: 200 }],
  },
  'GET /api/v1/jobs/{id}/events': {
    id: 'streamJobEvents',
    area: 'jobs',
    summary:
      'The events of a job as server-sent events, at most 500 in one answer. The id of each is ' +
      'its number: come again with it as Last-Event-ID.',
    query: EventsQuery,
    responses: {
      200: {
        description:
          'Each event is a CloudEvent, as call-backs get it. While there is none, the answer waits ' +
          'for the first one, for 20 seconds or as many as `wait` says, and may then be without an ' +
          'event. `retry` says after how many milliseconds to come again. Of one caller 20 may ' +
          'wait at a time, of all 200 in each instance: beyond that the answer comes at once.',
        type: 'text/event-stream',
      },
      204: { description: 'The job has ended and has told all: do not come again.' },
    },
    problems: [UNKNOWN_JOB],
    examples: [
      { name: 'From its begin', path: { id: EXAMPLE_JOB_ID }, status: 200 },
      { name: 'A job that is not there', path: { id: 'job-none' }, status: 404 },
    ],
  },
  'GET /api/v1/jobs/{id}/measures': {
    id: 'readJobMeasures',
    area: 'jobs',
    summary: 'What a job took and lost: as a whole, per group and per VM, against the targets of its plan.',
    query: PageQuery,
    responses: { 200: { description: 'What was measured; of a job that runs, so far.', schema: Measures } },
    problems: [UNKNOWN_JOB, INVALID_CONTINUATION, '404 NotMeasured'],
    examples: [{ name: 'Of the first example', path: { id: EXAMPLE_JOB_ID }, status: 200 }],
  },
  'GET /api/v1/jobs/{id}/report': {
    id: 'readDrillReport',
    area: 'jobs',
    summary:
      'The proof of a drill: what was done when, the checks, the times against the targets, ' +
      'what was left behind, and who asked.',
    responses: {
      200: {
        description: 'The report; with `Accept: text/markdown` as a text to be printed.',
        schema: DrillReport,
        alternativeTextType: 'text/markdown',
      },
    },
    problems: [UNKNOWN_JOB, '404 NotADrill'],
    examples: [{ name: 'A job that is not there', path: { id: 'job-none' }, status: 404 }],
  },
  'GET /api/v1/jobs/{id}/map': {
    id: 'readJobMap',
    area: 'jobs',
    summary:
      'From old to new resource ids after a failover, a failback or a drill, page by page; as CSV in one.',
    query: PageQuery,
    responses: {
      200: {
        description: 'A page of the map; with `Accept: text/csv` all of it, a line for each resource.',
        schema: ResourceMap,
        alternativeTextType: 'text/csv',
      },
    },
    problems: [UNKNOWN_JOB, INVALID_CONTINUATION, '404 NotMapped', '406 NotAcceptable', ...AZURE_PROBLEMS],
    examples: [{ name: 'Of the first example', path: { id: EXAMPLE_JOB_ID }, status: 200 }],
  },
  'GET /api/v1/schemas/resource-map': {
    id: 'readResourceMapSchema',
    area: 'jobs',
    summary: 'The JSON Schema of such a map.',
    responses: {
      200: {
        description: 'The schema.',
        schema: z.looseObject({ type: z.literal('object') }),
        type: 'application/schema+json',
      },
    },
    examples: [{ name: 'Asked', status: 200 }],
  },
  'POST /api/v1/jobs/{id}/pause': jobControlRoute(
    'pauseJob',
    'Begins nothing more for now; what runs is followed. A drill whose time to live is over ' +
      'is cleaned up all the same.',
  ),
  'POST /api/v1/jobs/{id}/resume': jobControlRoute('resumeJob', 'Goes on with what was paused.'),
  'POST /api/v1/jobs/{id}/cancel': jobControlRoute(
    'cancelJob',
    'Begins nothing more at all, and follows what runs to its end.',
  ),
  'POST /api/v1/jobs/{id}/retry': jobControlRoute(
    'retryJob',
    'Does again, in the same job, only what failed or was skipped. Exceptions and measures ' +
      'stay as they were until the job has ended again.',
    ['409 NothingToRetry', '409 VmHeld'],
    202,
  ),
  'POST /api/v1/jobs/{id}/skip': {
    ...jobControlRoute('skipStep', 'Leaves out what has not begun.', ['404 StepUnknown', '409 StepBegun']),
    body: { schema: SkipRequest },
    examples: [unknownJobExample({ target: EXAMPLE_VM_ID, reason: 'It is rebuilt by hand' })],
  },
  'POST /api/v1/jobs/{id}/source-lost': {
    ...jobControlRoute(
      'declareSourceLost',
      'The source has died: what is still to be brought over does not wait for it to shut down.',
      ['409 SourceNotAwaited'],
    ),
    body: { schema: RequiredReason },
  },
  'POST /api/v1/jobs/{id}/take-over': {
    ...jobControlRoute('takeOverJob', 'Takes the job from a walk that hangs.', [], 202),
    body: { schema: RequiredReason },
  },
  'POST /api/v1/jobs/{id}/answers': {
    ...jobControlRoute('answerJob', 'Answers what a job asks: a manual step, one that failed, a wait.', [
      '404 StepUnknown',
      '409 NothingAsked',
      '409 AnsweredAlready',
      '422 AnswerNotPossible',
    ]),
    body: { schema: AnswerRequest },
    examples: [unknownJobExample({ target: EXAMPLE_VM_ID, answer: 'tryAgain' })],
  },
  'POST /api/v1/jobs/{id}/approvals': {
    ...jobControlRoute('approveJob', 'Says yes or no to what a plan asks approval for.', [
      '404 StepUnknown',
      '409 NothingAsked',
      '409 AnsweredAlready',
      '403 OwnRequest',
      '403 NotAsked',
      '409 OtherSubject',
      '409 ApprovalExpired',
      '403 BeforeItWasAsked',
    ]),
    body: { schema: VoteRequest },
    examples: [unknownJobExample({ step: 'step:action:go', decision: 'approved', planVersion: 1 })],
  },
  'POST /api/v1/jobs/{id}/undelivered/{undeliveredId}/resume': {
    id: 'resumeJobDelivery',
    area: 'jobs',
    summary: 'Resumes a delivery of the events of a job that was given up.',
    responses: { 200: { description: 'The range as it is then.', schema: Undelivered } },
    problems: [UNKNOWN_JOB, '404 UndeliveredUnknown', '503 UndeliveredContended'],
    examples: [
      {
        name: 'A range that is not there',
        path: { id: EXAMPLE_JOB_ID, undeliveredId: 'gap:none' },
        status: 404,
      },
    ],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
