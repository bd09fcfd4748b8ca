// Response schemas of drill schedules and their starts.
import * as z from 'zod';
import { Schedule } from '../../schedules/rules/schedule.ts';
import type { occurrenceView, scheduleView } from '../scheduleViews.ts';
import { count, nullableText, nullableTime, pageOf, text, texts, time, textAs } from './common.ts';

export const SavedSchedule = z.strictObject({
  id: text.describe('The id of the schedule.'),
  plan: text.describe('The id of its plan.'),
  version: count.describe('The version of the schedule. Each save raises it.'),
  schedule: Schedule.describe('The schedule, with its defaults.'),
  savedAt: time.describe('The time of the last save.'),
  decidedUpTo: time.describe('Every start that was due up to this time has a decision.'),
  nextAt: nullableTime.meta({
    description: 'The next start outside of black-outs. Null: disabled, or no such start.',
  }),
  actsFor: z
    .strictObject({
      id: text.describe('The object id of the person in Entra ID.'),
      name: text.describe('The name of the person.'),
      roles: texts.describe('The roles with which the schedule acts.'),
      until: time.describe('The end of the grant. Saving the schedule again renews it.'),
    })
    .describe('The grant: the schedule acts for this person.'),
  links: z
    .strictObject({
      self: text.describe('The path of the schedule.'),
      occurrences: text.describe('The path of its starts.'),
    })
    .describe('Paths of related objects.'),
}) satisfies z.ZodType<ReturnType<typeof scheduleView>>;
export const Schedules = z.strictObject({
  schedules: z.array(SavedSchedule).describe('The schedules of the plan.'),
});

const Occurrence = z.strictObject({
  schedule: text.describe('The id of the schedule.'),
  version: count.describe('The version of the schedule at the decision.'),
  due: time.describe('The time of the cron.'),
  begin: time.describe('The due time with its share of the jitter.'),
  outcome: textAs<ReturnType<typeof occurrenceView>['outcome']>().describe('The result of the start.'),
  job: nullableText.describe('The id of the job; null: none was started.'),
  code: nullableText.describe('The reason against the start, as a problem code; null: none.'),
  message: nullableText.describe('The reason in words; null: none.'),
  details: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('Details of the problem, by name; null: none.'),
  decidedAt: time.describe('The time of the decision.'),
  cleanUpAt: nullableTime.describe('The time at which the schedule cleans up the test VMs; null: never.'),
  cleanUp: z
    .strictObject({
      job: nullableText.describe('The id of the clean-up job; null: none was started.'),
      message: text.describe('The result of the clean-up.'),
    })
    .nullable()
    .describe('The clean-up by the schedule; null: not yet, or not needed.'),
  links: z
    .strictObject({ job: text.exactOptional().describe('The path of the job.') })
    .describe('Paths of related objects.'),
}) satisfies z.ZodType<ReturnType<typeof occurrenceView>>;
export const Occurrences = pageOf({
  occurrences: z.array(Occurrence).describe('The starts, newest first.'),
});
