// /api/v1/plans/{planId}/schedules: drills by the calendar, and their occurrences.
import type { HttpRequest } from '@azure/functions';
import type { Caller } from '../../shared/access/caller.ts';
import { PlanId } from '../../shared/plans/rules/plan.ts';
import { etagOf } from '../../shared/core/etags.ts';
import { jsonAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { OccurrencesQuery } from '../../shared/api/queries.ts';
import { occurrenceView, schedulePath, scheduleView } from '../../shared/api/scheduleViews.ts';
import { parseInput } from '../../shared/core/parse.ts';
import {
  deleteSchedule,
  requirePlan,
  saveSchedule as saveAs,
  requireSchedule,
  ScheduleId,
} from '../../shared/schedules/saveSchedule.ts';
import { readOccurrencePage, readSchedulesOf } from '../../shared/schedules/store.ts';
import { bodyOf, queryOf } from './input.ts';

const planOf = (request: HttpRequest): string =>
  parseInput(PlanId, request.params['planId'], 'The id of the plan');
const idOf = (request: HttpRequest): string =>
  parseInput(ScheduleId, request.params['id'], 'The id of the schedule');

export async function listSchedules(request: HttpRequest): Promise<HttpAnswer> {
  const { planId } = await requirePlan(planOf(request));
  return jsonAnswer(200, { schedules: (await readSchedulesOf(planId)).map(scheduleView) });
}

export async function readSchedule(request: HttpRequest): Promise<HttpAnswer> {
  const schedule = await requireSchedule(planOf(request), idOf(request));
  return jsonAnswer(200, scheduleView(schedule), { etag: etagOf(schedule) });
}

export async function saveSchedule(request: HttpRequest, caller: Caller): Promise<HttpAnswer> {
  const schedule = await saveAs(
    planOf(request),
    idOf(request),
    await bodyOf(request),
    request.headers.get('if-match'),
    caller,
  );
  return jsonAnswer(schedule.version === 1 ? 201 : 200, scheduleView(schedule), {
    etag: etagOf(schedule),
    location: schedulePath(schedule.planId, schedule.scheduleId),
  });
}

export async function removeSchedule(request: HttpRequest): Promise<HttpAnswer> {
  await deleteSchedule(planOf(request), idOf(request), request.headers.get('if-match'));
  return { status: 204, headers: {}, body: '' };
}

/** The list includes the occurrences of removed schedules. */
export async function listOccurrences(request: HttpRequest): Promise<HttpAnswer> {
  const { limit, continuation } = queryOf(request, OccurrencesQuery);
  const { planId } = await requirePlan(planOf(request));
  const { items, next } = await readOccurrencePage(planId, idOf(request), limit, continuation);
  return jsonAnswer(200, { occurrences: items.map(occurrenceView), next });
}
