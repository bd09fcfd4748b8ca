// Routes of drills by the calendar.
import { Schedule } from '../../schedules/rules/schedule.ts';
import { Occurrences, SavedSchedule, Schedules } from '../responses/schedule.ts';
import { OccurrencesQuery } from '../queries.ts';
import type { RouteDescription } from './routeDescription.ts';
import { EXAMPLE_VM_ID } from './exampleValues.ts';

const UNKNOWN_PLAN = '404 PlanUnknown';
const UNKNOWN_SCHEDULE = '404 ScheduleUnknown';
const VERSION_CONFLICTS = ['412 ScheduleChanged', '412 ScheduleUnknown', '428 IfMatchMissing'] as const;
const EXAMPLE_SCHEDULE = {
  cron: '0 6 * * 6',
  timeZone: 'Europe/Berlin',
  command: { operation: 'testFailover', vms: [EXAMPLE_VM_ID] },
  timeToLiveMinutes: 240,
} as const;

export const SCHEDULE_ROUTES = {
  'GET /api/v1/plans/{planId}/schedules': {
    id: 'listSchedules',
    area: 'schedules',
    summary: 'The schedules of a plan.',
    responses: { 200: { description: 'All of them.', schema: Schedules } },
    problems: [UNKNOWN_PLAN],
    examples: [{ name: 'Of a plan', path: { planId: 'shop' }, status: 200 }],
  },
  'GET /api/v1/plans/{planId}/schedules/{id}': {
    id: 'readSchedule',
    area: 'schedules',
    summary: 'One of them.',
    responses: { 200: { description: 'The schedule.', schema: SavedSchedule, headers: ['etag'] } },
    problems: [UNKNOWN_PLAN, UNKNOWN_SCHEDULE],
    examples: [{ name: 'One that is not there', path: { planId: 'shop', id: 'none' }, status: 404 }],
  },
  'PUT /api/v1/plans/{planId}/schedules/{id}': {
    id: 'saveSchedule',
    area: 'schedules',
    summary: 'Saves a schedule of drills. It acts in the name of who saved it last, for a time.',
    body: { schema: Schedule },
    ifMatch: true,
    responses: {
      200: { description: 'The schedule changed.', schema: SavedSchedule, headers: ['etag', 'location'] },
      201: { description: 'The schedule, new.', schema: SavedSchedule, headers: ['etag', 'location'] },
    },
    problems: [UNKNOWN_PLAN, '422 VmNotInPlan', '422 OtherPlan', ...VERSION_CONFLICTS],
    examples: [
      {
        name: 'Each Saturday at six',
        path: { planId: 'shop', id: 'weekly' },
        body: EXAMPLE_SCHEDULE,
        status: 201,
      },
      {
        name: 'A failover by the calendar',
        path: { planId: 'shop', id: 'wrong' },
        body: { ...EXAMPLE_SCHEDULE, command: { operation: 'failover', vms: [EXAMPLE_VM_ID] } },
        status: 400,
      },
    ],
  },
  'DELETE /api/v1/plans/{planId}/schedules/{id}': {
    id: 'removeSchedule',
    area: 'schedules',
    summary: 'Takes a schedule away; what was done by it stays.',
    ifMatch: true,
    responses: { 204: { description: 'It is gone.' } },
    problems: [UNKNOWN_PLAN, UNKNOWN_SCHEDULE, ...VERSION_CONFLICTS],
    examples: [{ name: 'One that is not there', path: { planId: 'shop', id: 'none' }, status: 404 }],
  },
  'GET /api/v1/plans/{planId}/schedules/{id}/occurrences': {
    id: 'listOccurrences',
    area: 'schedules',
    summary: 'What became of each start of a schedule, page by page.',
    query: OccurrencesQuery,
    responses: { 200: { description: 'A page of them, the newest first.', schema: Occurrences } },
    problems: ['400 ContinuationInvalid', UNKNOWN_PLAN],
    examples: [{ name: 'Of a schedule', path: { planId: 'shop', id: 'weekly' }, status: 200 }],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
