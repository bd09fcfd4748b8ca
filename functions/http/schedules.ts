// /api/v1/plans/{planId}/schedules: drills by the calendar, and what became of each.
import type { HttpRequest } from '@azure/functions';
import { PlanId } from '../../shared/plans/rules/plan.ts';
import { etagOf } from '../../shared/core/conditions.ts';
import { json } from '../../shared/http/problem.ts';
import { OccurrencesQuery } from '../../shared/api/queries.ts';
import { occurrenceView, scheduleAddress, scheduleView } from '../../shared/api/scheduleViews.ts';
import { parse } from '../../shared/core/parse.ts';
import {
  deleteSchedule,
  planNamed,
  saveSchedule,
  scheduleNamed,
  ScheduleId,
} from '../../shared/schedules/save.ts';
import { occurrencesOf, schedulesOf } from '../../shared/schedules/store.ts';
import { door } from './door.ts';
import { bodyOf, queryOf } from './input.ts';

const planOf = (request: HttpRequest): string =>
  parse(PlanId, request.params['planId'], 'The id of the plan');
const idOf = (request: HttpRequest): string =>
  parse(ScheduleId, request.params['id'], 'The id of the schedule');

door('listSchedules', 'GET /api/v1/plans/{planId}/schedules', async (request) => {
  const { planId } = await planNamed(planOf(request));
  return json(200, { schedules: (await schedulesOf(planId)).map(scheduleView) });
});

door('readSchedule', 'GET /api/v1/plans/{planId}/schedules/{id}', async (request) => {
  const schedule = await scheduleNamed(planOf(request), idOf(request));
  return json(200, scheduleView(schedule), { etag: etagOf(schedule) });
});

door('saveSchedule', 'PUT /api/v1/plans/{planId}/schedules/{id}', async (request, caller) => {
  const schedule = await saveSchedule(
    planOf(request),
    idOf(request),
    await bodyOf(request),
    request.headers.get('if-match'),
    caller,
  );
  return json(schedule.version === 1 ? 201 : 200, scheduleView(schedule), {
    etag: etagOf(schedule),
    location: scheduleAddress(schedule.planId, schedule.scheduleId),
  });
});

door('removeSchedule', 'DELETE /api/v1/plans/{planId}/schedules/{id}', async (request) => {
  await deleteSchedule(planOf(request), idOf(request), request.headers.get('if-match'));
  return { status: 204, headers: {}, body: '' };
});

/** Also of a schedule that is gone: what was done by it stays. */
door('listOccurrences', 'GET /api/v1/plans/{planId}/schedules/{id}/occurrences', async (request) => {
  const { limit, continuation } = queryOf(request, OccurrencesQuery);
  const { planId } = await planNamed(planOf(request));
  const { items, next } = await occurrencesOf(planId, idOf(request), limit, continuation);
  return json(200, { occurrences: items.map(occurrenceView), next });
});
