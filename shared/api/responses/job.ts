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
  texts,
  time,
  Warning,
  textAs,
} from './common.ts';
import { PlanMeasures } from './plan.ts';
import { Question } from './question.ts';

const trigger = z
  .enum(['rest', 'queue', 'schedule', 'webhook'])
  .describe('The way in which the request came.') satisfies z.ZodType<Caller['door']>;
const requesterFields = {
  id: text.describe('The object id of the person or service in Entra ID.'),
  name: text.describe('The name for people.'),
  trigger,
};
const Actor = z.strictObject({
  ...requesterFields,
  roles: texts.describe('The roles at that moment.'),
});
const Fault = z.strictObject({
  kind: z.enum(ErrorKind).describe('The kind of error, which decides whether another try makes sense.'),
  code: text.describe('The problem code; GET /api/problems/{code} explains it.'),
  message: text.describe('The event, its effect and the next action.'),
});
const Exception = z.looseObject({
  targetId: text.describe('The id of the target that did not arrive, or has a warning of Azure.'),
  targetName: text.describe('The name of the target.'),
  phase: text.describe('The phase in which it happened.'),
  state: z.enum(StepState).describe('The state of the step.'),
  code: text.describe('The problem code; GET /api/problems/{code} explains it.'),
  message: text.describe('The event, its effect and the next action.'),
});
const JobWarning = z.strictObject({
  code: text.describe('The problem code; GET /api/problems/{code} explains it.'),
  message: text.describe('What was known before the start.'),
  vm: IdAndName.nullable().describe('The VM of the warning; null: it is about the whole job.'),
});
const jobFields = {
  id: text.describe('The id of the job.'),
  state: z.enum(JobState).describe('The state of the job.'),
  operation: z.enum(Operation).describe('The operation of the command.'),
  epoch: count.describe('The number of the run of the job. A take-over or a retry raises it.'),
  acceptedAt: time.describe('The time at which Lifeboat accepted the command.'),
  startedAt: nullableTime.describe('The time at which work began; null before.'),
  endedAt: nullableTime.describe('The time at which the job ended; null before.'),
  seconds: nullableSeconds.describe('Seconds from the acceptance to the end; null before the end.'),
  exceptionCount: count.describe('The number of all exceptions.'),
};

const PlanOfJob = z
  .strictObject({
    id: text.describe('The id of the plan.'),
    version: count.describe('The version that the job runs.'),
    name: text.describe('The name of the plan.'),
  })
  .nullable()
  .describe('The plan of the job; null: the command names VMs.');
const JobControl = z
  .strictObject({
    requested: z.enum(['running', 'paused', 'cancelled']).describe('The requested state.'),
    by: text.describe('The name of the person.'),
    reason: nullableText.describe('The reason of the person, if any.'),
    at: time.describe('The time of the request.'),
  })
  .nullable();
export const Job = z.strictObject({
  ...jobFields,
  command: Command.describe('The command as Lifeboat accepted it, with its defaults.'),
  plan: PlanOfJob,
  vms: count.describe('The number of VMs.'),
  questions: z.array(Question).describe('The open questions to people, each with its ready requests.'),
  requestedBy: Actor.describe('The person or service behind the command.'),
  exceptions: z
    .array(Exception)
    .describe('The first targets that did not arrive, and the first warnings of Azure.'),
  warnings: z.array(JobWarning).meta({
    description:
      'The first warnings from before the start. The job went ahead in spite of them; they are no ' +
      'exceptions.',
  }),
  warningCount: count.describe('The number of all warnings.'),
  error: Fault.nullable().describe('The error that ended the whole job; null: none.'),
  control: JobControl.describe('The last pause, continue or cancel of a person; null: none.'),
  links: SelfLink.describe('Paths of related objects.'),
}) satisfies z.ZodType<ReturnType<typeof jobView>>;

export const ListedJob = z.strictObject({
  ...jobFields,
  vms: count.describe('The number of VMs.'),
  plan: PlanOfJob,
  ticket: nullableText.describe('The ticket of the command, if any.'),
  requestedBy: z.strictObject(requesterFields).describe('The person or service behind the command.'),
  error: nullableText.describe('The code of the error that ended the whole job; null: none.'),
  links: SelfLink.describe('Paths of related objects.'),
}) satisfies z.ZodType<ReturnType<typeof listedJobView>>;

const SiteRecoveryTimes = z.strictObject({
  startedAt: nullableTime.describe('The start in Site Recovery; null: Lifeboat started nothing there.'),
  endedAt: nullableTime.describe('The end in Site Recovery; null before the end.'),
  seconds: nullableSeconds.describe('Seconds from start to end in Site Recovery; null before the end.'),
  usualSeconds: z.number().describe('The usual seconds of this phase in Site Recovery.'),
});
const StepRecoveryPoint = z
  .strictObject({
    id: text.describe('The ARM id of the recovery point.'),
    time: text.describe('The time of the recovery point.'),
    members: z
      .record(text, text)
      .exactOptional()
      .describe("For a multi-VM group: the point's ARM id of each member, by VM id."),
  })
  .nullable();
export const Step = z.strictObject({
  target: text.describe('The id of the target, as answers and filters take it.'),
  kind: z
    .enum(['replicatedVm', 'multiVmGroup', 'action', 'hold', 'prerequisite', 'newVm'])
    .describe('The kind of the target.'),
  name: text.describe('The name of the target.'),
  phase: textAs<ReturnType<typeof stepView>['phase']>().describe('The phase of the operation.'),
  node: nullableText.describe('The node in the graph of the plan; null: the job runs no plan.'),
  group: nullableText.meta({
    description: 'The group of the plan. Null: the step belongs to the whole plan, or the job runs no plan.',
  }),
  tries: count.describe('How often the action was begun; 0 for steps of VMs.'),
  output: nullableText.describe('The output of the action, if any.'),
  state: z.enum(StepState).describe('The state of the step.'),
  attempts: count.describe('The number of writes to Azure that were prepared for this step.'),
  siteRecoveryJob: nullableText.meta({
    description: 'The name of the job in its vault, a GUID. Null: Lifeboat started or follows no job there.',
  }),
  waitsFor: nullableText.describe('What the step waits for, in words; null: nothing.'),
  error: Fault.nullable().describe('The error of the step; null: none.'),
  warnings: z.array(Warning).describe('Warnings of Azure about this step.'),
  startedAt: nullableTime.describe('The time at which the step began; null before.'),
  endedAt: nullableTime.describe('The time at which the step ended; null before.'),
  seconds: nullableSeconds.describe('Seconds from begin to end; null before the end.'),
  siteRecovery: SiteRecoveryTimes.describe('The times according to Site Recovery.'),
  recoveryPoint: StepRecoveryPoint.describe('The recovery point of this step; null: none, or not known yet.'),
  dataLossSeconds: nullableSeconds.describe(
    'Seconds from the recovery point to the start in Site Recovery. Writes in between are lost.',
  ),
  armIdBefore: nullableText.describe('The ARM id of the replicated item before the step.'),
  armIdAfter: nullableText.describe('The ARM id of the replicated item after the step.'),
  vms: z
    .array(
      IdAndName.extend({ arrived: z.boolean().describe('True: this member has reached the target state.') }),
    )
    .nullable()
    .describe('The members of a multi-VM group; null for other targets.'),
  replication: nullableText.describe('The id of the replicated VM, for /api/v1/replications/{id}.'),
}) satisfies z.ZodType<ReturnType<typeof stepView>>;

export const LogLine = z.strictObject({
  at: time.describe('The time of the line.'),
  name: nullableText.describe('The name of the target; null: the line is about the whole job.'),
  phase: textAs<NonNullable<ReturnType<typeof logView>['phase']>>()
    .nullable()
    .describe('The phase of the step; null: the line is about the whole job.'),
  message: text.describe('What happened.'),
  by: Actor.nullable().describe('The person behind the line, if any.'),
}) satisfies z.ZodType<ReturnType<typeof logView>>;

export const JobDetails = Job.extend({
  measures: PlanMeasures.nullable().describe('The measured times; null before the end, or without a plan.'),
  steps: z.array(Step).describe('The first steps; GET .../steps lists all.'),
  log: z.array(LogLine).describe('The newest lines of the log; GET .../log lists all.'),
});
export const Jobs = pageOf({ jobs: z.array(ListedJob).describe('The jobs, newest first.') });
export const Steps = pageOf({ steps: z.array(Step).describe('The steps.') });
export const Log = pageOf({ log: z.array(LogLine).describe('The lines of the log.') });

const Delivery = z.strictObject({
  target: text.describe('The receiver: the topic, or a call-back address.'),
  delivered: count.describe('The number of the last delivered event.'),
  waiting: count.describe('How many events wait for delivery.'),
  failures: count.describe('How often delivery of the next event has failed.'),
  failingSince: nullableTime.describe('The first failure in a row; null: none.'),
  triedAgainAt: nullableTime.describe('The time of the next try; null: none is due.'),
  reason: nullableText.describe('The reason of the last failure, if any.'),
  undelivered: nullableText.describe('The id of the undelivered range, if Lifeboat gave up.'),
  removed: z.boolean().describe('True: the call-back address was removed.'),
}) satisfies z.ZodType<ReturnType<typeof deliveryView>>;

export const Undelivered = z.strictObject({
  id: text.describe('The id of the undelivered range.'),
  stream: text.describe('The id of a job, a question stream, an alarm, or the runbook of a plan.'),
  target: text.describe('The receiver that did not get the events.'),
  from: count.describe('The number of the first undelivered event.'),
  failingSince: time.describe('The time of the first failure.'),
  gaveUpAt: time.describe('The time at which Lifeboat gave up.'),
  failures: count.describe('How often the delivery had failed.'),
  reason: text.describe('The reason of the last failure.'),
  resumedAt: nullableTime.describe('The time at which a person resumed the delivery; null: nobody did.'),
  resumedBy: nullableText.describe('The name of that person; null: nobody did.'),
  links: z
    .strictObject({ resume: text.describe('POST to this path resumes the delivery.') })
    .describe('Paths of related objects.'),
}) satisfies z.ZodType<ReturnType<typeof undeliveredView>>;

export const UndeliveredList = z.strictObject({
  undelivered: z.array(Undelivered).describe('The undelivered ranges.'),
});
export const JobDeliveries = z.strictObject({
  last: count.describe('The number of the newest event of the job.'),
  targets: z.array(Delivery).describe('The state of the delivery, by receiver.'),
  undelivered: z.array(Undelivered).describe('The undelivered ranges of the job.'),
});
