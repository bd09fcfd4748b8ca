// Jobs, their steps, their log, and who is told of them.
import * as z from 'zod';
import { Command } from '../../commands/command.ts';
import { Operation } from '../../core/words.ts';
import { JobState } from '../../core/states/job.ts';
import { StepState } from '../../core/states/step.ts';
import { ErrorKind } from '../../core/errors.ts';
import { AnswerValue } from '../../journal/documents.ts';
import { type Caller } from '../../access/caller.ts';
import type { deliveryView, undeliveredView, jobView, listedJobView, logView, stepView } from '../views.ts';
import {
  count,
  maybeSeconds,
  maybeText,
  maybeTime,
  Named,
  pageOf,
  Self,
  text,
  time,
  Warning,
  words,
} from './common.ts';
import { MeasuresOfWhole } from './plan.ts';

const door = z.enum(['rest', 'queue', 'schedule', 'webhook']) satisfies z.ZodType<Caller['door']>;
const Actor = z.strictObject({ id: text, name: text, door, roles: z.array(text) });
const Fault = z.strictObject({ kind: z.enum(ErrorKind), code: text, message: text });
const Exception = z.looseObject({
  targetId: text,
  targetName: text,
  phase: text,
  state: z.enum(StepState),
  code: text,
  message: text,
});
const JobWarning = z.strictObject({ code: text, message: text, vm: Named.nullable() });
const ofJob = {
  id: text,
  state: z.enum(JobState),
  operation: z.enum(Operation),
  epoch: count,
  acceptedAt: time,
  startedAt: maybeTime,
  endedAt: maybeTime,
  seconds: maybeSeconds,
  exceptionCount: count,
};

const PlanOfJob = z.strictObject({ id: text, version: count, name: text }).nullable();
const Question = z.strictObject({
  stepId: text,
  tries: count,
  kind: z.enum(['failure', 'manual', 'approval', 'hold']),
  name: text,
  message: text,
  since: time,
  until: maybeTime,
  answers: z.array(z.enum(AnswerValue)),
}) satisfies z.ZodType<ReturnType<typeof jobView>['questions'][number]>;

export const Job = z.strictObject({
  ...ofJob,
  command: Command,
  plan: PlanOfJob,
  vms: count,
  questions: z.array(Question),
  requestedBy: Actor,
  exceptions: z.array(Exception),
  warnings: z.array(JobWarning).meta({
    description:
      'What was known before anything began, and what the job went ahead in spite of; no ' +
      'exceptions. The first of them.',
  }),
  warningCount: count,
  error: Fault.nullable(),
  control: z
    .strictObject({ wish: z.enum(['running', 'paused', 'cancelled']), by: text, reason: maybeText, at: time })
    .nullable(),
  links: Self,
}) satisfies z.ZodType<ReturnType<typeof jobView>>;

export const ListedJob = z.strictObject({
  ...ofJob,
  vms: count,
  plan: PlanOfJob,
  ticket: maybeText,
  requestedBy: z.strictObject({ id: text, name: text, door }),
  error: maybeText,
  links: Self,
}) satisfies z.ZodType<ReturnType<typeof listedJobView>>;

export const Step = z.strictObject({
  target: text,
  kind: z.enum(['replicatedVm', 'group', 'action', 'hold', 'part', 'newVm']),
  name: text,
  phase: words<ReturnType<typeof stepView>['phase']>(),
  node: maybeText,
  group: maybeText,
  tries: count,
  output: maybeText,
  state: z.enum(StepState),
  attempts: count,
  siteRecoveryJob: maybeText,
  waitsFor: maybeText,
  error: Fault.nullable(),
  warnings: z.array(Warning),
  startedAt: maybeTime,
  endedAt: maybeTime,
  seconds: maybeSeconds,
  siteRecovery: z.strictObject({
    startedAt: maybeTime,
    endedAt: maybeTime,
    seconds: maybeSeconds,
    usualSeconds: z.number(),
  }),
  recoveryPoint: z
    .strictObject({ id: text, time: text, members: z.record(text, text).exactOptional() })
    .nullable(),
  dataLossSeconds: maybeSeconds,
  armIdBefore: maybeText,
  armIdAfter: maybeText,
  vms: z.array(Named.extend({ arrived: z.boolean() })).nullable(),
  replication: maybeText,
}) satisfies z.ZodType<ReturnType<typeof stepView>>;

export const LogLine = z.strictObject({
  at: time,
  name: maybeText,
  phase: words<NonNullable<ReturnType<typeof logView>['phase']>>().nullable(),
  message: text,
  by: Actor.nullable(),
}) satisfies z.ZodType<ReturnType<typeof logView>>;

export const JobInFull = Job.extend({
  measures: MeasuresOfWhole.nullable(),
  steps: z.array(Step),
  log: z.array(LogLine),
});
export const Jobs = pageOf({ jobs: z.array(ListedJob) });
export const Steps = pageOf({ steps: z.array(Step) });
export const Log = pageOf({ log: z.array(LogLine) });

const Delivery = z.strictObject({
  target: text,
  delivered: count,
  waiting: count,
  failures: count,
  failingSince: maybeTime,
  triedAgainAt: maybeTime,
  reason: maybeText,
  undelivered: maybeText,
  removed: z.boolean(),
}) satisfies z.ZodType<ReturnType<typeof deliveryView>>;

export const Undelivered = z.strictObject({
  /** A job; or what is asked about one or about a decision, an alarm, the runbook of a plan. */
  id: text,
  stream: text,
  target: text,
  from: count,
  failingSince: time,
  gaveUpAt: time,
  failures: count,
  reason: text,
  resumedAt: maybeTime,
  resumedBy: maybeText,
  links: z.strictObject({ resume: text }),
}) satisfies z.ZodType<ReturnType<typeof undeliveredView>>;

export const UndeliveredList = z.strictObject({ undelivered: z.array(Undelivered) });
export const JobDeliveries = z.strictObject({
  last: count,
  targets: z.array(Delivery),
  undelivered: z.array(Undelivered),
});
