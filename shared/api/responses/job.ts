// Response schemas of jobs, their steps, their log and their deliveries.
import * as z from 'zod';
import { Command } from '../../commands/command.ts';
import { Operation } from '../../core/operations.ts';
import { JobState } from '../../core/states/job.ts';
import { StepState } from '../../core/states/step.ts';
import { ErrorKind } from '../../core/errors.ts';
import { type Caller } from '../../access/caller.ts';
import type { deliveryView, undeliveredView, jobView, listedJobView, logView, stepView } from '../views.ts';
import {
  count,
  nullableSeconds,
  nullableText,
  nullableTime,
  IdAndName,
  pageOf,
  SelfLink,
  text,
  time,
  Warning,
  textAs,
} from './common.ts';
import { PlanMeasures } from './plan.ts';
import { Question } from './question.ts';

const trigger = z.enum(['rest', 'queue', 'schedule', 'webhook']) satisfies z.ZodType<Caller['door']>;
const Actor = z.strictObject({ id: text, name: text, trigger, roles: z.array(text) });
const Fault = z.strictObject({ kind: z.enum(ErrorKind), code: text, message: text });
const Exception = z.looseObject({
  targetId: text,
  targetName: text,
  phase: text,
  state: z.enum(StepState),
  code: text,
  message: text,
});
const JobWarning = z.strictObject({ code: text, message: text, vm: IdAndName.nullable() });
const jobFields = {
  id: text,
  state: z.enum(JobState),
  operation: z.enum(Operation),
  epoch: count,
  acceptedAt: time,
  startedAt: nullableTime,
  endedAt: nullableTime,
  seconds: nullableSeconds,
  exceptionCount: count,
};

const PlanOfJob = z.strictObject({ id: text, version: count, name: text }).nullable();
export const Job = z.strictObject({
  ...jobFields,
  command: Command,
  plan: PlanOfJob,
  vms: count,
  questions: z.array(Question),
  requestedBy: Actor,
  exceptions: z.array(Exception),
  warnings: z.array(JobWarning).meta({
    description:
      'The first warnings from before the start. The job went ahead in spite of them; they are no ' +
      'exceptions.',
  }),
  warningCount: count,
  error: Fault.nullable(),
  control: z
    .strictObject({
      requested: z.enum(['running', 'paused', 'cancelled']),
      by: text,
      reason: nullableText,
      at: time,
    })
    .nullable(),
  links: SelfLink,
}) satisfies z.ZodType<ReturnType<typeof jobView>>;

export const ListedJob = z.strictObject({
  ...jobFields,
  vms: count,
  plan: PlanOfJob,
  ticket: nullableText,
  requestedBy: z.strictObject({ id: text, name: text, trigger }),
  error: nullableText,
  links: SelfLink,
}) satisfies z.ZodType<ReturnType<typeof listedJobView>>;

export const Step = z.strictObject({
  target: text,
  kind: z.enum(['replicatedVm', 'multiVmGroup', 'action', 'hold', 'prerequisite', 'newVm']),
  name: text,
  phase: textAs<ReturnType<typeof stepView>['phase']>(),
  node: nullableText,
  group: nullableText.meta({
    description: 'The group of the plan. Null: the step belongs to the whole plan, or the job runs no plan.',
  }),
  tries: count,
  output: nullableText,
  state: z.enum(StepState),
  attempts: count,
  siteRecoveryJob: nullableText.meta({
    description: 'The name of the job in its vault, a GUID. Null: Lifeboat started or follows no job there.',
  }),
  waitsFor: nullableText,
  error: Fault.nullable(),
  warnings: z.array(Warning),
  startedAt: nullableTime,
  endedAt: nullableTime,
  seconds: nullableSeconds,
  siteRecovery: z.strictObject({
    startedAt: nullableTime,
    endedAt: nullableTime,
    seconds: nullableSeconds,
    usualSeconds: z.number(),
  }),
  recoveryPoint: z
    .strictObject({ id: text, time: text, members: z.record(text, text).exactOptional() })
    .nullable(),
  dataLossSeconds: nullableSeconds,
  armIdBefore: nullableText,
  armIdAfter: nullableText,
  vms: z.array(IdAndName.extend({ arrived: z.boolean() })).nullable(),
  replication: nullableText,
}) satisfies z.ZodType<ReturnType<typeof stepView>>;

export const LogLine = z.strictObject({
  at: time,
  name: nullableText,
  phase: textAs<NonNullable<ReturnType<typeof logView>['phase']>>().nullable(),
  message: text,
  by: Actor.nullable(),
}) satisfies z.ZodType<ReturnType<typeof logView>>;

export const JobDetails = Job.extend({
  measures: PlanMeasures.nullable(),
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
  failingSince: nullableTime,
  triedAgainAt: nullableTime,
  reason: nullableText,
  undelivered: nullableText,
  removed: z.boolean(),
}) satisfies z.ZodType<ReturnType<typeof deliveryView>>;

export const Undelivered = z.strictObject({
  /** The id of a job, a question stream, an alarm or the runbook of a plan. */
  id: text,
  stream: text,
  target: text,
  from: count,
  failingSince: time,
  gaveUpAt: time,
  failures: count,
  reason: text,
  resumedAt: nullableTime,
  resumedBy: nullableText,
  links: z.strictObject({ resume: text }),
}) satisfies z.ZodType<ReturnType<typeof undeliveredView>>;

export const UndeliveredList = z.strictObject({ undelivered: z.array(Undelivered) });
export const JobDeliveries = z.strictObject({
  last: count,
  targets: z.array(Delivery),
  undelivered: z.array(Undelivered),
});
