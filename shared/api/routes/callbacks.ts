// Routes of the addresses that are told what happens to jobs.
import { CallbackRequest } from '../../delivery/saveCallback.ts';
import { Undelivered, UndeliveredList } from '../responses/job.ts';
import { Callback, Callbacks, CallbackTestResult } from '../responses/service.ts';
import type { RouteDescription } from './routeDescription.ts';

const UNKNOWN_CALLBACK = '404 CallbackUnknown';
const VERSION_CONFLICTS = ['412 CallbackChanged', '412 CallbackUnknown', '428 IfMatchMissing'] as const;

export const CALLBACK_ROUTES = {
  'GET /api/v1/callbacks': {
    id: 'listCallbacks',
    area: 'callbacks',
    summary: 'The addresses that are told what happens to jobs.',
    responses: { 200: { description: 'All of them.', schema: Callbacks } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/callbacks/{id}': {
    id: 'readCallback',
    area: 'callbacks',
    summary: 'One of them.',
    responses: { 200: { description: 'The address.', schema: Callback, headers: ['etag'] } },
    problems: [UNKNOWN_CALLBACK],
    examples: [{ name: 'One that is not there', path: { id: 'none' }, status: 404 }],
  },
  'PUT /api/v1/callbacks/{id}': {
    id: 'saveCallback',
    area: 'callbacks',
    summary: 'Saves an address, of those on the list, with the names of the keys that sign what goes there.',
    body: { schema: CallbackRequest },
    ifMatch: true,
    responses: {
      200: { description: 'The address changed.', schema: Callback, headers: ['etag', 'location'] },
      201: { description: 'The address, new.', schema: Callback, headers: ['etag', 'location'] },
    },
    problems: ['422 AddressNotAllowed', '422 KeyUnknown', '422 TooManyCallbacks', ...VERSION_CONFLICTS],
    examples: [
      {
        name: 'An address that is not on the list',
        path: { id: 'tickets' },
        body: { url: 'https://tickets.example.com/hook', keys: ['k1'] },
        status: 422,
      },
    ],
  },
  'DELETE /api/v1/callbacks/{id}': {
    id: 'removeCallback',
    area: 'callbacks',
    summary: 'Takes an address away; what still waits to be told there is told to nobody.',
    ifMatch: true,
    responses: { 204: { description: 'It is gone.' } },
    problems: [UNKNOWN_CALLBACK, ...VERSION_CONFLICTS],
    examples: [{ name: 'One that is not there', path: { id: 'none' }, status: 404 }],
  },
  'POST /api/v1/callbacks/{id}/test': {
    id: 'tryCallback',
    area: 'callbacks',
    summary: 'Tells an address something of no consequence, now, and says how that went.',
    responses: { 200: { description: 'Whether it was taken.', schema: CallbackTestResult } },
    problems: [UNKNOWN_CALLBACK],
    examples: [{ name: 'One that is not there', path: { id: 'none' }, status: 404 }],
  },
  'GET /api/v1/undelivered': {
    id: 'listUndelivered',
    area: 'callbacks',
    summary:
      'Lists the deliveries that were given up: of jobs, questions, alarms and runbooks. The newest ' +
      '500 at most.',
    responses: { 200: { description: 'Each with the request that resumes it.', schema: UndeliveredList } },
    examples: [{ name: 'All that are open', status: 200 }],
  },
  'POST /api/v1/undelivered/{stream}/{undeliveredId}/resume': {
    id: 'resumeDelivery',
    area: 'callbacks',
    summary: 'Resumes a delivery that was given up, of whatever stream.',
    responses: { 200: { description: 'The range as it is then.', schema: Undelivered } },
    problems: ['404 JobUnknown', '404 UndeliveredUnknown', '503 UndeliveredContended'],
    examples: [
      {
        name: 'A range that is not there',
        path: { stream: 'asks-decision-none', undeliveredId: 'gap:none' },
        status: 404,
      },
    ],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
