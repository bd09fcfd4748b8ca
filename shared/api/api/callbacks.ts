// Routes of the addresses that are told what happens to jobs.
import { CallbackWish } from '../../delivery/saveCallback.ts';
import { Undelivered, UndeliveredList } from '../answers/job.ts';
import { Callback, Callbacks, Told } from '../answers/service.ts';
import type { Described } from './described.ts';

const unknown = '404 CallbackUnknown';
const changed = ['412 CallbackChanged', '412 CallbackUnknown', '428 IfMatchMissing'] as const;

export const CALLBACKS = {
  'GET /api/v1/callbacks': {
    id: 'listCallbacks',
    area: 'callbacks',
    summary: 'The addresses that are told what happens to jobs.',
    answers: { 200: { what: 'All of them.', schema: Callbacks } },
    examples: [{ name: 'All', status: 200 }],
  },
  'GET /api/v1/callbacks/{id}': {
    id: 'readCallback',
    area: 'callbacks',
    summary: 'One of them.',
    answers: { 200: { what: 'The address.', schema: Callback, headers: ['etag'] } },
    problems: [unknown],
    examples: [{ name: 'One that is not there', path: { id: 'none' }, status: 404 }],
  },
  'PUT /api/v1/callbacks/{id}': {
    id: 'saveCallback',
    area: 'callbacks',
    summary: 'Saves an address, of those on the list, with the names of the keys that sign what goes there.',
    body: { schema: CallbackWish },
    ifMatch: true,
    answers: {
      200: { what: 'The address changed.', schema: Callback, headers: ['etag', 'location'] },
      201: { what: 'The address, new.', schema: Callback, headers: ['etag', 'location'] },
    },
    problems: ['422 AddressNotAllowed', '422 KeyUnknown', '422 TooManyCallbacks', ...changed],
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
    answers: { 204: { what: 'It is gone.' } },
    problems: [unknown, ...changed],
    examples: [{ name: 'One that is not there', path: { id: 'none' }, status: 404 }],
  },
  'POST /api/v1/callbacks/{id}/test': {
    id: 'tryCallback',
    area: 'callbacks',
    summary: 'Tells an address something of no consequence, now, and says how that went.',
    answers: { 200: { what: 'Whether it was taken.', schema: Told } },
    problems: [unknown],
    examples: [{ name: 'One that is not there', path: { id: 'none' }, status: 404 }],
  },
  'GET /api/v1/undelivered': {
    id: 'listUndelivered',
    area: 'callbacks',
    summary:
      'Lists the deliveries that were given up: of jobs, questions, alarms and runbooks. The newest ' +
      '500 at most.',
    answers: { 200: { what: 'Each with the request that resumes it.', schema: UndeliveredList } },
    examples: [{ name: 'All that are open', status: 200 }],
  },
  'POST /api/v1/undelivered/{stream}/{undeliveredId}/resume': {
    id: 'resumeDelivery',
    area: 'callbacks',
    summary: 'Resumes a delivery that was given up, of whatever stream.',
    answers: { 200: { what: 'The range as it is then.', schema: Undelivered } },
    problems: ['404 JobUnknown', '404 UndeliveredUnknown', '503 UndeliveredContended'],
    examples: [
      {
        name: 'A range that is not there',
        path: { stream: 'asks-decision-none', undeliveredId: 'gap:none' },
        status: 404,
      },
    ],
  },
} as const satisfies Readonly<Record<string, Described>>;
