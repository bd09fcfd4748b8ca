// Alarms about plans between their runs.
import * as z from 'zod';
import { AlarmKind } from '../../alarms/rules/alarm.ts';
import type { alarmView } from '../alarmViews.ts';
import { count, maybeText, maybeTime, Named, text, time } from './common.ts';

export const Alarm = z.strictObject({
  id: text,
  kind: z.enum(AlarmKind),
  open: z.boolean(),
  plan: Named.nullable(),
  vm: Named.nullable(),
  message: text,
  raisedAt: time,
  clearedAt: maybeTime,
  clearedBecause: maybeText,
  count,
  links: z.strictObject({ self: text, plan: maybeText }),
}) satisfies z.ZodType<ReturnType<typeof alarmView>>;
export const Alarms = z.strictObject({ alarms: z.array(Alarm) });
