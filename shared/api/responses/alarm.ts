// Response schemas of the alarm routes.
import * as z from 'zod';
import { AlarmKind } from '../../alarms/rules/alarm.ts';
import type { alarmView } from '../alarmViews.ts';
import { count, nullableText, nullableTime, IdAndName, text, time } from './common.ts';

export const Alarm = z.strictObject({
  id: text,
  kind: z.enum(AlarmKind),
  open: z.boolean(),
  plan: IdAndName.nullable(),
  vm: IdAndName.nullable(),
  message: text,
  raisedAt: time,
  clearedAt: nullableTime,
  clearedBecause: nullableText,
  count,
  links: z.strictObject({ self: text, plan: nullableText }),
}) satisfies z.ZodType<ReturnType<typeof alarmView>>;
export const Alarms = z.strictObject({ alarms: z.array(Alarm) });
