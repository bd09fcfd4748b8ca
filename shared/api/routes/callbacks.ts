// Describes the routes of call-back addresses and of undelivered events.
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
    summary: 'Lists the call-back addresses that receive the events of jobs.',
    responses: { 200: { description: 'All call-back addresses.', schema: Callbacks } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/callbacks/{id}': {
    id: 'readCallback',
    area: 'callbacks',
    summary: 'Reads one call-back address.',
    responses: { 200: { description: 'The address.', schema: Callback, headers: ['etag'] } },
    problems: [UNKNOWN_CALLBACK],
    examples: [{ name: 'An unknown address', path: { id: 'none' }, status: 404 }],
  },
  'PUT /api/v1/callbacks/{id}': {
    id: 'saveCallback',
    area: 'callbacks',
    summary: 'Saves a call-back address from the allowed list, with the names of its signing keys.',
    body: { schema: CallbackRequest },
    ifMatch: true,
    responses: {
      200: { description: 'The changed address.', schema: Callback, headers: ['etag', 'location'] },
      201: { description: 'The new address.', schema: Callback, headers: ['etag', 'location'] },
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
    summary: 'Removes a call-back address; its waiting events go nowhere.',
    ifMatch: true,
    responses: { 204: { description: 'The address no longer exists.' } },
    problems: [UNKNOWN_CALLBACK, ...VERSION_CONFLICTS],
    examples: [{ name: 'An unknown address', path: { id: 'none' }, status: 404 }],
  },
  'POST /api/v1/callbacks/{id}/test': {
    id: 'tryCallback',
    area: 'callbacks',
    summary: 'Sends a harmless test event to an address at once, and gives the result.',
    responses: {
      200: { description: 'Tells whether the address accepted the event.', schema: CallbackTestResult },
    },
    problems: [UNKNOWN_CALLBACK],
    examples: [{ name: 'An unknown address', path: { id: 'none' }, status: 404 }],
  },
  'GET /api/v1/undelivered': {
    id: 'listUndelivered',
    area: 'callbacks',
    summary:
      'Lists the stopped deliveries of jobs, questions, alarms and runbooks. The newest ' + '500 at most.',
    responses: { 200: { description: 'Each with the request that resumes it.', schema: UndeliveredList } },
    examples: [{ name: 'All open ranges', status: 200 }],
  },
  'POST /api/v1/undelivered/{stream}/{undeliveredId}/resume': {
    id: 'resumeDelivery',
    area: 'callbacks',
    summary: 'Resumes a stopped delivery of any event stream.',
    responses: { 200: { description: 'The range after the change.', schema: Undelivered } },
    problems: ['404 JobUnknown', '404 UndeliveredUnknown', '503 UndeliveredContended'],
    examples: [
      {
        name: 'An unknown range',
        path: { stream: 'asks-decision-none', undeliveredId: 'gap:none' },
        status: 404,
      },
    ],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
