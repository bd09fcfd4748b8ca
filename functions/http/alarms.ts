// GET /api/v1/alarms: what Lifeboat itself has to say about plans between their runs.
import { rejected } from '../../shared/core/errors.ts';
import { alarmView } from '../../shared/api/alarmViews.ts';
import { json } from '../../shared/http/problem.ts';
import { AlarmsQuery } from '../../shared/api/queries.ts';
import { newestAlarms, openAlarms, readAlarm } from '../../shared/alarms/store.ts';
import { door } from './door.ts';
import { queryOf } from './input.ts';

const NEWEST = 500;

door('listAlarms', 'GET /api/v1/alarms', async (request) => {
  const { state, plan } = queryOf(request, AlarmsQuery);
  const alarms = await (state === 'open' ? openAlarms() : newestAlarms(NEWEST));
  const meant = alarms.filter(({ planId }) => plan === undefined || planId === plan);
  return json(200, { alarms: meant.sort((a, b) => (a.raisedAt < b.raisedAt ? 1 : -1)).map(alarmView) });
});

door('readAlarm', 'GET /api/v1/alarms/{id}', async (request) => {
  const id = request.params['id'] ?? '';
  const alarm = await readAlarm(id);
  if (!alarm)
    throw rejected(
      404,
      'AlarmUnknown',
      `There is no alarm ${id}. GET /api/v1/alarms lists those that are open.`,
    );
  return json(200, alarmView(alarm));
});
