// /api/v1/plans/{planId}/schedules: drills by the calendar, and their occurrences.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { PlanId } from '../../shared/plans/rules/plan.ts';
import { etagOf } from '../../shared/core/conditions.ts';
import { json, type Answer } from '../../shared/http/problem.ts';
import { OccurrencesQuery } from '../../shared/api/queries.ts';
import { occurrenceView, scheduleAddress, scheduleView } from '../../shared/api/scheduleViews.ts';
import { parse } from '../../shared/core/parse.ts';
import {
  deleteSchedule,
  planNamed,
  saveSchedule as saveAs,
  scheduleNamed,
  ScheduleId,
} from '../../shared/schedules/save.ts';
import { occurrencesOf, schedulesOf } from '../../shared/schedules/store.ts';
import { bodyOf, queryOf } from './input.ts';

const planOf = (request: HttpRequest): string =>
  parse(PlanId, request.params['planId'], 'The id of the plan');
const idOf = (request: HttpRequest): string =>
  parse(ScheduleId, request.params['id'], 'The id of the schedule');

export async function listSchedules(request: HttpRequest): Promise<Answer> {
  const { planId } = await planNamed(planOf(request));
  return json(200, { schedules: (await schedulesOf(planId)).map(scheduleView) });
}

export async function readSchedule(request: HttpRequest): Promise<Answer> {
  const schedule = await scheduleNamed(planOf(request), idOf(request));
  return json(200, scheduleView(schedule), { etag: etagOf(schedule) });
}

export async function saveSchedule(request: HttpRequest, caller: Caller): Promise<Answer> {
  const schedule = await saveAs(
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
}

export async function removeSchedule(request: HttpRequest): Promise<Answer> {
  await deleteSchedule(planOf(request), idOf(request), request.headers.get('if-match'));
  return { status: 204, headers: {}, body: '' };
}

/** The occurrences of a removed schedule are listed too. */
export async function listOccurrences(request: HttpRequest): Promise<Answer> {
  const { limit, continuation } = queryOf(request, OccurrencesQuery);
  const { planId } = await planNamed(planOf(request));
  const { items, next } = await occurrencesOf(planId, idOf(request), limit, continuation);
  return json(200, { occurrences: items.map(occurrenceView), next });
}
