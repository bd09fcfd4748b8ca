// Routes of alarms.
import { Alarm, Alarms } from '../responses/alarm.ts';
import { AlarmsQuery } from '../queries.ts';
import type { RouteDescription } from './routeDescription.ts';

export const ALARM_ROUTES = {
  'GET /api/v1/alarms': {
    id: 'listAlarms',
    area: 'alarms',
    summary:
      'What is wrong with plans between their runs: not drilled, behind their target, unknown, ' +
      'not ready, a drill that gave up waiting, test VMs that stand too long. The newest 500 ' +
      'at most.',
    query: AlarmsQuery,
    responses: {
      200: {
        description: 'The open ones, or with state=all those that are over too, the newest first.',
        schema: Alarms,
      },
    },
    examples: [
      { name: 'Those that are open', status: 200 },
      { name: 'All of one plan', query: { state: 'all', plan: 'shop' }, status: 200 },
      { name: 'A state that is none', query: { state: 'loud' }, status: 400 },
    ],
  },
  'GET /api/v1/alarms/{id}': {
    id: 'readAlarm',
    area: 'alarms',
    summary: 'One of them.',
    responses: { 200: { description: 'The alarm.', schema: Alarm } },
    problems: ['404 AlarmUnknown'],
    examples: [{ name: 'One that is not there', path: { id: 'alarm-none' }, status: 404 }],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
