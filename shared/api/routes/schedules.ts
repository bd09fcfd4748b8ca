// Describes the routes of scheduled drills.
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
    summary: 'Lists the schedules of a plan.',
    responses: { 200: { description: 'All schedules of the plan.', schema: Schedules } },
    problems: [UNKNOWN_PLAN],
    examples: [{ name: 'The schedules of one plan', path: { planId: 'shop' }, status: 200 }],
  },
  'GET /api/v1/plans/{planId}/schedules/{id}': {
    id: 'readSchedule',
    area: 'schedules',
    summary: 'Reads one schedule.',
    responses: { 200: { description: 'The schedule.', schema: SavedSchedule, headers: ['etag'] } },
    problems: [UNKNOWN_PLAN, UNKNOWN_SCHEDULE],
    examples: [{ name: 'An unknown schedule', path: { planId: 'shop', id: 'none' }, status: 404 }],
  },
  'PUT /api/v1/plans/{planId}/schedules/{id}': {
    id: 'saveSchedule',
    area: 'schedules',
    summary: 'Saves a schedule of drills. The schedule acts in the name of the caller, for a limited time.',
    body: { schema: Schedule },
    ifMatch: true,
    responses: {
      200: { description: 'The changed schedule.', schema: SavedSchedule, headers: ['etag', 'location'] },
      201: { description: 'The new schedule.', schema: SavedSchedule, headers: ['etag', 'location'] },
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
        name: 'A scheduled failover',
        path: { planId: 'shop', id: 'wrong' },
        body: { ...EXAMPLE_SCHEDULE, command: { operation: 'failover', vms: [EXAMPLE_VM_ID] } },
        status: 400,
      },
    ],
  },
  'DELETE /api/v1/plans/{planId}/schedules/{id}': {
    id: 'removeSchedule',
    area: 'schedules',
    summary: 'Removes a schedule; its past starts and jobs stay.',
    ifMatch: true,
    responses: { 204: { description: 'The schedule no longer exists.' } },
    problems: [UNKNOWN_PLAN, UNKNOWN_SCHEDULE, ...VERSION_CONFLICTS],
    examples: [{ name: 'An unknown schedule', path: { planId: 'shop', id: 'none' }, status: 404 }],
  },
  'GET /api/v1/plans/{planId}/schedules/{id}/occurrences': {
    id: 'listOccurrences',
    area: 'schedules',
    summary: 'Lists the starts of a schedule with their results, page by page.',
    query: OccurrencesQuery,
    responses: { 200: { description: 'One page of starts, the newest first.', schema: Occurrences } },
    problems: ['400 ContinuationInvalid', UNKNOWN_PLAN],
    examples: [{ name: 'The starts of one schedule', path: { planId: 'shop', id: 'weekly' }, status: 200 }],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
