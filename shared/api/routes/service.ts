// Describes the routes of the service itself.
import * as z from 'zod';
import { Health, Privacy, ProblemPage, ProblemPages, Ready } from '../responses/service.ts';
import type { RouteDescription } from './routeDescription.ts';

export const SERVICE_ROUTES = {
  'GET /api/v1/health': {
    id: 'readHealth',
    area: 'service',
    summary: 'Tells whether Lifeboat answers and its settings are valid.',
    responses: { 200: { description: 'Lifeboat answers.', schema: Health } },
    examples: [{ name: 'The health', status: 200 }],
  },
  'GET /api/v1/ready': {
    id: 'readServiceReadiness',
    area: 'service',
    summary:
      'Checks the services behind Lifeboat: settings, store, sign-in to Azure, Service Bus, ' +
      'deliveries, orchestrations.',
    responses: {
      200: { description: 'Lifeboat can work; `degraded` when something is late.', schema: Ready },
      503: { description: 'Lifeboat cannot work now.', schema: Ready },
    },
    examples: [{ name: 'The readiness', status: 200 }],
  },
  'GET /api/privacy': {
    id: 'readPrivacyPage',
    area: 'service',
    summary: 'Shows the data that Lifeboat sends and keeps, as a page for people.',
    responses: { 200: { description: 'The page.', type: 'text/html' } },
    examples: [{ name: 'The page', status: 200 }],
  },
  'GET /api/v1/privacy': {
    id: 'readPrivacy',
    area: 'service',
    summary: 'Reads the same information as data.',
    responses: {
      200: {
        description: 'The sent data, the way to turn sending off, and the kept data with retention times.',
        schema: Privacy,
      },
    },
    examples: [{ name: 'The data', status: 200 }],
  },
  'GET /api/problems': {
    id: 'listProblems',
    area: 'service',
    summary: 'Lists all problem codes, with the action for each code.',
    responses: {
      200: { description: 'All problem codes.', schema: ProblemPages, alternativeTextType: 'text/html' },
    },
    examples: [
      { name: 'As data', status: 200 },
      { name: 'As a page', headers: { accept: 'text/html' }, status: 200 },
    ],
  },
  'GET /api/problems/{code}': {
    id: 'readProblem',
    area: 'service',
    summary:
      'Explains one problem code: its meaning, its effect and the next action. The type of a problem leads here.',
    responses: {
      200: {
        description: 'The explanation of the code.',
        schema: ProblemPage,
        alternativeTextType: 'text/html',
      },
    },
    problems: ['404 ProblemUnknown'],
    examples: [
      { name: 'The code for a VM with the lock of another job', path: { code: 'VmHeld' }, status: 200 },
      { name: 'An unknown code', path: { code: 'Nothing' }, status: 404 },
    ],
  },
  'GET /api/openapi.json': {
    id: 'readOpenApi',
    area: 'service',
    summary: 'Reads this document.',
    responses: {
      200: {
        description: 'OpenAPI 3.1.',
        schema: z.looseObject({ openapi: z.string(), paths: z.looseObject({}) }),
      },
    },
    examples: [{ name: 'The document', status: 200 }],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
