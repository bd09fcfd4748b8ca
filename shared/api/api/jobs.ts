// Routes of jobs.
import * as z from 'zod';
import { Command } from '../../commands/command.ts';
import { DrillReport } from '../../plans/rules/drillReport.ts';
import { ResourceMap } from '../../plans/rules/resourceMap.ts';
import { AnswerWish, ApprovalWish } from '../../jobs/answers.ts';
import { MaybeWhy, Skip, Why } from '../../jobs/control.ts';
import { Undelivered, Job, JobInFull, Jobs, Log, JobDeliveries, Steps } from '../answers/job.ts';
import { Measures } from '../answers/plan.ts';
import { EventsQuery, JobsQuery, LogQuery, PageQuery, StepsQuery } from '../queries.ts';
import { AZURE, type Described, type Example } from './described.ts';
import { JOB, OF_AN_UNKNOWN_VM, VM } from './examples.ts';

const unknown = '404 JobUnknown';
const ofPage = '400 ContinuationInvalid';
const notThere = (body: object): Example => ({
  name: 'A job that is not there',
  path: { id: 'job-none' },
  body,
  status: 404,
});
const steered = (
  id: string,
  summary: string,
  problems: NonNullable<Described['problems']> = [],
  status = 200,
): Described => ({
  id,
  area: 'jobs',
  summary,
  body: { schema: MaybeWhy, mayBeLeftOut: true },
  answers: { [status]: { what: 'The job as it is then.', schema: Job, headers: ['location'] } },
  problems: [unknown, '409 JobEnded', '409 JobCancelled', '409 JobContended', ...problems],
  examples: [notThere({ reason: 'A false alarm' })],
});

export const JOBS = {
  'POST /api/v1/jobs': {
    id: 'createJob',
    area: 'jobs',
    summary: 'Starts an operation: a command becomes a job, once for each key.',
    body: { schema: Command },
    idempotent: true,
    answers: {
      202: {
        what: 'The job: new, or as it is when the same command was sent with this key before.',
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
        body: { operation: 'failover', vms: [VM], ticket: 'INC-1000', reason: 'East Asia is dark' },
        status: 202,
      },
      {
        name: 'The same, sent again: the same job',
        headers: { 'idempotency-key': 'INC-1000' },
        body: { operation: 'failover', vms: [VM], ticket: 'INC-1000', reason: 'East Asia is dark' },
        status: 202,
      },
      {
        name: 'A VM that Lifeboat does not know',
        headers: { 'idempotency-key': 'INC-1001' },
        body: { operation: 'failover', vms: [OF_AN_UNKNOWN_VM] },
        status: 422,
      },
    ],
  },
  'GET /api/v1/jobs': {
    id: 'listJobs',
    area: 'jobs',
    summary: 'The jobs, the newest first.',
    query: JobsQuery,
    answers: { 200: { what: 'A page of them.', schema: Jobs } },
    problems: [ofPage],
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
    answers: { 200: { what: 'The job.', schema: JobInFull } },
    problems: [unknown],
    examples: [
      { name: 'The job of the first example', path: { id: JOB }, status: 200 },
      { name: 'A job that is not there', path: { id: 'job-none' }, status: 404 },
    ],
  },
  'GET /api/v1/jobs/{id}/steps': {
    id: 'listJobSteps',
    area: 'jobs',
    summary: 'The steps of a job, page by page.',
    query: StepsQuery,
    answers: { 200: { what: 'A page of them, in the order of the phases.', schema: Steps } },
    problems: [unknown, ofPage],
    examples: [{ name: 'Those that failed', path: { id: JOB }, query: { state: 'failed' }, status: 200 }],
  },
  'GET /api/v1/jobs/{id}/log': {
    id: 'readJobLog',
    area: 'jobs',
    summary: 'The whole log of a job, page by page.',
    query: LogQuery,
    answers: { 200: { what: 'A page of it.', schema: Log } },
    problems: [unknown, ofPage],
    examples: [
      { name: 'From its begin', path: { id: JOB }, query: { order: 'oldest', limit: '10' }, status: 200 },
    ],
  },
  'GET /api/v1/jobs/{id}/deliveries': {
    id: 'listJobDeliveries',
    area: 'jobs',
    summary: 'The receivers of the events of a job, how far each got them, and what was given up.',
    answers: { 200: { what: 'Each target with its position.', schema: JobDeliveries } },
    problems: [unknown],
    examples: [{ name: 'Of the first example', path: { id: JOB }, status: 200 }],
  },
  'GET /api/v1/jobs/{id}/events': {
    id: 'streamJobEvents',
    area: 'jobs',
    summary:
      'The events of a job as server-sent events, at most 500 in one answer. The id of each is ' +
      'its number: come again with it as Last-Event-ID.',
    query: EventsQuery,
    answers: {
      200: {
        what:
          'Each event is a CloudEvent, as call-backs get it. While there is none, the answer waits ' +
          'for the first one, for 20 seconds or as many as `wait` says, and may then be without an ' +
          'event. `retry` says after how many milliseconds to come again. Of one caller 20 may ' +
          'wait at a time, of all 200 in each instance: beyond that the answer comes at once.',
        type: 'text/event-stream',
      },
      204: { what: 'The job has ended and has told all: do not come again.' },
    },
    problems: [unknown],
    examples: [
      { name: 'From its begin', path: { id: JOB }, status: 200 },
      { name: 'A job that is not there', path: { id: 'job-none' }, status: 404 },
    ],
  },
  'GET /api/v1/jobs/{id}/measures': {
    id: 'readJobMeasures',
    area: 'jobs',
    summary: 'What a job took and lost: as a whole, per group and per VM, against the targets of its plan.',
    query: PageQuery,
    answers: { 200: { what: 'What was measured; of a job that runs, so far.', schema: Measures } },
    problems: [unknown, ofPage, '404 NotMeasured'],
    examples: [{ name: 'Of the first example', path: { id: JOB }, status: 200 }],
  },
  'GET /api/v1/jobs/{id}/report': {
    id: 'readDrillReport',
    area: 'jobs',
    summary:
      'The proof of a drill: what was done when, the checks, the times against the targets, ' +
      'what was left behind, and who asked.',
    answers: {
      200: {
        what: 'The report; with `Accept: text/markdown` as a text to be printed.',
        schema: DrillReport,
        orText: 'text/markdown',
      },
    },
    problems: [unknown, '404 NotADrill'],
    examples: [{ name: 'A job that is not there', path: { id: 'job-none' }, status: 404 }],
  },
  'GET /api/v1/jobs/{id}/map': {
    id: 'readJobMap',
    area: 'jobs',
    summary:
      'From old to new resource ids after a failover, a failback or a drill, page by page; as CSV in one.',
    query: PageQuery,
    answers: {
      200: {
        what: 'A page of the map; with `Accept: text/csv` all of it, a line for each resource.',
        schema: ResourceMap,
        orText: 'text/csv',
      },
    },
    problems: [unknown, ofPage, '404 NotMapped', '406 NotAcceptable', ...AZURE],
    examples: [{ name: 'Of the first example', path: { id: JOB }, status: 200 }],
  },
  'GET /api/v1/schemas/resource-map': {
    id: 'readResourceMapSchema',
    area: 'jobs',
    summary: 'The JSON Schema of such a map.',
    answers: {
      200: {
        what: 'The schema.',
        schema: z.looseObject({ type: z.literal('object') }),
        type: 'application/schema+json',
      },
    },
    examples: [{ name: 'Asked', status: 200 }],
  },
  'POST /api/v1/jobs/{id}/pause': steered(
    'pauseJob',
    'Begins nothing more for now; what runs is followed. A drill whose time to live is over ' +
      'is cleaned up all the same.',
  ),
  'POST /api/v1/jobs/{id}/resume': steered('resumeJob', 'Goes on with what was paused.'),
  'POST /api/v1/jobs/{id}/cancel': steered(
    'cancelJob',
    'Begins nothing more at all, and follows what runs to its end.',
  ),
  'POST /api/v1/jobs/{id}/retry': steered(
    'retryJob',
    'Does again, in the same job, only what failed or was skipped. Exceptions and measures ' +
      'stay as they were until the job has ended again.',
    ['409 NothingToRetry', '409 VmHeld'],
    202,
  ),
  'POST /api/v1/jobs/{id}/skip': {
    ...steered('skipStep', 'Leaves out what has not begun.', ['404 StepUnknown', '409 StepBegun']),
    body: { schema: Skip },
    examples: [notThere({ target: VM, reason: 'It is rebuilt by hand' })],
  },
  'POST /api/v1/jobs/{id}/source-lost': {
    ...steered(
      'declareSourceLost',
      'The source has died: what is still to be brought over does not wait for it to shut down.',
      ['409 SourceNotAwaited'],
    ),
    body: { schema: Why },
  },
  'POST /api/v1/jobs/{id}/take-over': {
    ...steered('takeOverJob', 'Takes the job from a walk that hangs.', [], 202),
    body: { schema: Why },
  },
  'POST /api/v1/jobs/{id}/answers': {
    ...steered('answerJob', 'Answers what a job asks: a manual step, one that failed, a wait.', [
      '404 StepUnknown',
      '409 NothingAsked',
      '409 AnsweredAlready',
      '422 AnswerNotPossible',
    ]),
    body: { schema: AnswerWish },
    examples: [notThere({ target: VM, answer: 'tryAgain' })],
  },
  'POST /api/v1/jobs/{id}/approvals': {
    ...steered('approveJob', 'Says yes or no to what a plan asks approval for.', [
      '404 StepUnknown',
      '409 NothingAsked',
      '409 AnsweredAlready',
      '403 OwnRequest',
      '403 NotAsked',
      '409 OtherSubject',
      '409 ApprovalExpired',
      '403 BeforeItWasAsked',
    ]),
    body: { schema: ApprovalWish },
    examples: [notThere({ step: 'step:action:go', decision: 'approved', planVersion: 1 })],
  },
  'POST /api/v1/jobs/{id}/undelivered/{undeliveredId}/resume': {
    id: 'resumeJobDelivery',
    area: 'jobs',
    summary: 'Resumes a delivery of the events of a job that was given up.',
    answers: { 200: { what: 'The range as it is then.', schema: Undelivered } },
    problems: [unknown, '404 UndeliveredUnknown', '503 UndeliveredContended'],
    examples: [
      { name: 'A range that is not there', path: { id: JOB, undeliveredId: 'gap:none' }, status: 404 },
    ],
  },
} as const satisfies Readonly<Record<string, Described>>;
