// Response schemas of drill schedules and their starts.
import * as z from 'zod';
import { Schedule } from '../../schedules/rules/schedule.ts';
import type { occurrenceView, scheduleView } from '../scheduleViews.ts';
import { count, nullableText, nullableTime, pageOf, text, time, textAs } from './common.ts';

export const SavedSchedule = z.strictObject({
  id: text,
  plan: text,
  version: count,
  schedule: Schedule,
  savedAt: time,
  decidedUpTo: time,
  nextAt: nullableTime.meta({
    description: 'The next start outside of black-outs. Null: disabled, or no such start.',
  }),
  actsFor: z.strictObject({ id: text, name: text, roles: z.array(text), until: time }),
  links: z.strictObject({ self: text, occurrences: text }),
}) satisfies z.ZodType<ReturnType<typeof scheduleView>>;
export const Schedules = z.strictObject({ schedules: z.array(SavedSchedule) });

const Occurrence = z.strictObject({
  schedule: text,
  version: count,
  due: time,
  begin: time,
  outcome: textAs<ReturnType<typeof occurrenceView>['outcome']>(),
  job: nullableText,
  code: nullableText,
  message: nullableText,
  details: z.record(z.string(), z.unknown()).nullable(),
  decidedAt: time,
  cleanUpAt: nullableTime,
  cleanUp: z.strictObject({ job: nullableText, message: text }).nullable(),
  links: z.strictObject({ job: text.exactOptional() }),
}) satisfies z.ZodType<ReturnType<typeof occurrenceView>>;
export const Occurrences = pageOf({ occurrences: z.array(Occurrence) });
