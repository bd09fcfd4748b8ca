// Describes the alarm routes for the OpenAPI document.
import { Alarm, Alarms } from '../responses/alarm.ts';
import { AlarmsQuery } from '../queries.ts';
import type { RouteDescription } from './routeDescription.ts';

export const ALARM_ROUTES = {
  'GET /api/v1/alarms': {
    id: 'listAlarms',
    area: 'alarms',
    summary:
      'Lists problems of plans between their runs: not drilled, behind their target, unknown, ' +
      'not ready, a drill that gave up waiting, test VMs that exist too long. The newest 500 ' +
      'at most.',
    query: AlarmsQuery,
    responses: {
      200: {
        description: 'The open alarms, or with state=all also the past alarms, the newest first.',
        schema: Alarms,
      },
    },
    examples: [
      { name: 'The open alarms', status: 200 },
      { name: 'All alarms of one plan', query: { state: 'all', plan: 'shop' }, status: 200 },
      { name: 'An invalid state', query: { state: 'loud' }, status: 400 },
    ],
  },
  'GET /api/v1/alarms/{id}': {
    id: 'readAlarm',
    area: 'alarms',
    summary: 'Reads one alarm.',
    responses: { 200: { description: 'The alarm.', schema: Alarm } },
    problems: ['404 AlarmUnknown'],
    examples: [{ name: 'An unknown alarm', path: { id: 'alarm-none' }, status: 404 }],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
