// GET /api/v1/alarms: the problems of plans between their runs.
import type { HttpRequest } from '@azure/functions';
import { rejected } from '../../shared/core/errors.ts';
import { alarmView } from '../../shared/api/alarmViews.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { AlarmsQuery } from '../../shared/api/queries.ts';
import { readNewestAlarms, readOpenAlarms, readAlarm as findAlarm } from '../../shared/alarms/store.ts';
import { pathPart, queryOf } from './input.ts';

const MAX_ALARMS = 500;

export async function listAlarms(request: HttpRequest): Promise<HttpAnswer> {
  const { state, plan } = queryOf(request, AlarmsQuery);
  const alarms = await (state === 'open' ? readOpenAlarms() : readNewestAlarms(MAX_ALARMS));
  const matchingAlarms = alarms.filter(({ planId }) => plan === undefined || planId === plan);
  return jsonAnswer(200, {
    alarms: matchingAlarms.sort((a, b) => (a.raisedAt < b.raisedAt ? 1 : -1)).map(alarmView),
  });
}

export async function readAlarm(request: HttpRequest): Promise<HttpAnswer> {
  const id = pathPart(request, 'id');
  const alarm = await findAlarm(id);
  if (!alarm)
    throw rejected(404, 'AlarmUnknown', `There is no alarm ${id}. GET /api/v1/alarms lists the open alarms.`);
  return jsonAnswer(200, alarmView(alarm));
}
