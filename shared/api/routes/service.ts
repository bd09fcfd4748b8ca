// Routes of Lifeboat itself.
import * as z from 'zod';
import { Health, Privacy, ProblemPage, ProblemPages, Ready } from '../responses/service.ts';
import type { RouteDescription } from './routeDescription.ts';

export const SERVICE_ROUTES = {
  'GET /api/v1/health': {
    id: 'readHealth',
    area: 'service',
    summary: 'Whether Lifeboat answers at all, with settings that are right.',
    responses: { 200: { description: 'It does.', schema: Health } },
    examples: [{ name: 'Asked', status: 200 }],
  },
  'GET /api/v1/ready': {
    id: 'readServiceReadiness',
    area: 'service',
    summary:
      'Whether what Lifeboat stands on answers: settings, store, sign-in to Azure, bus, deliveries, walks.',
    responses: {
      200: { description: 'It can work; `degraded` when something is late.', schema: Ready },
      503: { description: 'It cannot work now.', schema: Ready },
    },
    examples: [{ name: 'Asked', status: 200 }],
  },
  'GET /api/privacy': {
    id: 'readPrivacyPage',
    area: 'service',
    summary: 'What is sent where and why, and what Lifeboat keeps: a page for people.',
    responses: { 200: { description: 'The page.', type: 'text/html' } },
    examples: [{ name: 'To be read', status: 200 }],
  },
  'GET /api/v1/privacy': {
    id: 'readPrivacy',
    area: 'service',
    summary: 'The same as data.',
    responses: {
      200: {
        description: 'What is sent, how to turn it off, what is kept and for how long.',
        schema: Privacy,
      },
    },
    examples: [{ name: 'Asked', status: 200 }],
  },
  'GET /api/problems': {
    id: 'listProblems',
    area: 'service',
    summary: 'Every code that a problem document can have, and what to do about each.',
    responses: {
      200: { description: 'All of them.', schema: ProblemPages, alternativeTextType: 'text/html' },
    },
    examples: [
      { name: 'As data', status: 200 },
      { name: 'As a page', headers: { accept: 'text/html' }, status: 200 },
    ],
  },
  'GET /api/problems/{code}': {
    id: 'readProblem',
    area: 'service',
    summary: 'What one code means, what was changed, and what to do. The type of a problem leads here.',
    responses: {
      200: { description: 'The code, explained.', schema: ProblemPage, alternativeTextType: 'text/html' },
    },
    problems: ['404 ProblemUnknown'],
    examples: [
      { name: 'Of a VM that another job holds', path: { code: 'VmHeld' }, status: 200 },
      { name: 'A code that is none', path: { code: 'Nothing' }, status: 404 },
    ],
  },
  'GET /api/openapi.json': {
    id: 'readOpenApi',
    area: 'service',
    summary: 'This document.',
    responses: {
      200: {
        description: 'OpenAPI 3.1.',
        schema: z.looseObject({ openapi: z.string(), paths: z.looseObject({}) }),
      },
    },
    examples: [{ name: 'Asked', status: 200 }],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
