// Response schemas of the alarm routes.
import * as z from 'zod';
import { AlarmKind } from '../../alarms/rules/alarm.ts';
import type { alarmView } from '../alarmViews.ts';
import { count, nullableText, nullableTime, IdAndName, text, time } from './common.ts';

export const Alarm = z.strictObject({
  id: text.describe('The id of the alarm.'),
  kind: z.enum(AlarmKind).describe('The kind of problem.'),
  open: z.boolean().describe('False: the problem is over.'),
  plan: IdAndName.nullable().describe('The plan with the problem; null: none.'),
  vm: IdAndName.nullable().describe('The VM with the problem; null: none.'),
  message: text.describe('The problem, and what to do.'),
  raisedAt: time.describe('The time at which Lifeboat found the problem.'),
  clearedAt: nullableTime.describe('The end of the problem; null: the alarm is open.'),
  clearedBecause: nullableText.describe('The reason for the end; null: the alarm is open.'),
  count: count.describe('How often this problem has come.'),
  links: z
    .strictObject({
      self: text.describe('The path of the alarm.'),
      plan: nullableText.describe('The path of the plan; null: no plan.'),
    })
    .describe('Paths of related objects.'),
}) satisfies z.ZodType<ReturnType<typeof alarmView>>;
export const Alarms = z.strictObject({ alarms: z.array(Alarm).describe('The alarms, newest first.') });
