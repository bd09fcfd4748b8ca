// Routes of drills by the calendar.
import { Schedule } from '../../schedules/rules/schedule.ts';
import { Occurrences, SavedSchedule, Schedules } from '../answers/schedule.ts';
import { OccurrencesQuery } from '../queries.ts';
import type { Described } from './described.ts';
import { VM } from './examples.ts';

const plan = '404 PlanUnknown';
const unknown = '404 ScheduleUnknown';
const changed = ['412 ScheduleChanged', '412 ScheduleUnknown', '428 IfMatchMissing'] as const;
const WEEKLY = {
  cron: '0 6 * * 6',
  timeZone: 'Europe/Berlin',
  command: { operation: 'testFailover', vms: [VM] },
  timeToLiveMinutes: 240,
} as const;

export const SCHEDULES = {
  'GET /api/v1/plans/{planId}/schedules': {
    id: 'listSchedules',
    area: 'schedules',
    summary: 'The schedules of a plan.',
    answers: { 200: { what: 'All of them.', schema: Schedules } },
    problems: [plan],
    examples: [{ name: 'Of a plan', path: { planId: 'shop' }, status: 200 }],
  },
  'GET /api/v1/plans/{planId}/schedules/{id}': {
    id: 'readSchedule',
    area: 'schedules',
    summary: 'One of them.',
    answers: { 200: { what: 'The schedule.', schema: SavedSchedule, headers: ['etag'] } },
    problems: [plan, unknown],
    examples: [{ name: 'One that is not there', path: { planId: 'shop', id: 'none' }, status: 404 }],
  },
  'PUT /api/v1/plans/{planId}/schedules/{id}': {
    id: 'saveSchedule',
    area: 'schedules',
    summary: 'Saves a schedule of drills. It acts in the name of who saved it last, for a time.',
    body: { schema: Schedule },
    ifMatch: true,
    answers: {
      200: { what: 'The schedule changed.', schema: SavedSchedule, headers: ['etag', 'location'] },
      201: { what: 'The schedule, new.', schema: SavedSchedule, headers: ['etag', 'location'] },
    },
    problems: [plan, '422 VmNotInPlan', '422 OtherPlan', ...changed],
    examples: [
      { name: 'Each Saturday at six', path: { planId: 'shop', id: 'weekly' }, body: WEEKLY, status: 201 },
      {
        name: 'A failover by the calendar',
        path: { planId: 'shop', id: 'wrong' },
        body: { ...WEEKLY, command: { operation: 'failover', vms: [VM] } },
        status: 400,
      },
    ],
  },
  'DELETE /api/v1/plans/{planId}/schedules/{id}': {
    id: 'removeSchedule',
    area: 'schedules',
    summary: 'Takes a schedule away; what was done by it stays.',
    ifMatch: true,
    answers: { 204: { what: 'It is gone.' } },
    problems: [plan, unknown, ...changed],
    examples: [{ name: 'One that is not there', path: { planId: 'shop', id: 'none' }, status: 404 }],
  },
  'GET /api/v1/plans/{planId}/schedules/{id}/occurrences': {
    id: 'listOccurrences',
    area: 'schedules',
    summary: 'What became of each start of a schedule, page by page.',
    query: OccurrencesQuery,
    answers: { 200: { what: 'A page of them, the newest first.', schema: Occurrences } },
    problems: ['400 ContinuationInvalid', plan],
    examples: [{ name: 'Of a schedule', path: { planId: 'shop', id: 'weekly' }, status: 200 }],
  },
} as const satisfies Readonly<Record<string, Described>>;
