// GET /api/v1/alarms: what Lifeboat finds wrong with plans between their runs.
import type { HttpRequest } from '@azure/functions';
import { rejected } from '../../shared/core/errors.ts';
import { alarmView } from '../../shared/api/alarmViews.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { AlarmsQuery } from '../../shared/api/queries.ts';
import { newestAlarms, openAlarms, readAlarm as findAlarm } from '../../shared/alarms/store.ts';
import { pathPart, queryOf } from './input.ts';

const NEWEST = 500;

export async function listAlarms(request: HttpRequest): Promise<Answer> {
  const { state, plan } = queryOf(request, AlarmsQuery);
  const alarms = await (state === 'open' ? openAlarms() : newestAlarms(NEWEST));
  const meant = alarms.filter(({ planId }) => plan === undefined || planId === plan);
  return json(200, { alarms: meant.sort((a, b) => (a.raisedAt < b.raisedAt ? 1 : -1)).map(alarmView) });
}

export async function readAlarm(request: HttpRequest): Promise<Answer> {
  const id = pathPart(request, 'id');
  const alarm = await findAlarm(id);
  if (!alarm)
    throw rejected(
      404,
      'AlarmUnknown',
      `There is no alarm ${id}. GET /api/v1/alarms lists those that are open.`,
    );
  return json(200, alarmView(alarm));
}
