// Describes the inbox route.
import { InboxQuery } from '../queries.ts';
import { Inbox } from '../responses/question.ts';
import type { RouteDescription } from './routeDescription.ts';

export const INBOX_ROUTES = {
  'GET /api/v1/inbox': {
    id: 'listInbox',
    area: 'jobs',
    summary:
      'Lists all that waits for the caller: questions of jobs, approvals and alert decisions, each with ' +
      'the ready requests that answer it.',
    query: InboxQuery,
    responses: {
      200: {
        description:
          'One page, the oldest question first. It has only questions that the caller may answer now. A page ' +
          'ends with all questions of a job, and may be short; only `next: null` is the end.',
        schema: Inbox,
      },
    },
    problems: ['400 ContinuationInvalid'],
    examples: [{ name: 'All that waits for me', status: 200 }],
  },
} as const satisfies Readonly<Record<string, RouteDescription>>;
