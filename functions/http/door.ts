// What every HTTP door does: who is it, may they, one thing, and an answer; whatever goes wrong becomes a problem document.
import { app, type HttpHandler, type HttpRequest, type InvocationContext } from '@azure/functions';
import * as durable from 'durable-functions';
import { authenticate, authorize } from '../../shared/auth/bearer.ts';
import type { Route } from '../../shared/auth/roles.ts';
import { problem, type Answer } from '../../shared/http/problem.ts';
import type { Caller } from '../../shared/store/documents.ts';

export type Door = (request: HttpRequest, caller: Caller, context: InvocationContext) => Promise<Answer>;

export function door(name: string, route: Route, open: Door): void {
  const [method = '', path = ''] = route.split(' ');
  const handler: HttpHandler = async (request, context) => {
    try {
      const caller = await authenticate(request.headers.get('authorization'));
      authorize(caller, route);
      return await open(request, caller, context);
    } catch (error) {
      return problem(error, (message) => context.error(message));
    }
  };
  app.http(name, {
    methods: [method as 'GET' | 'POST' | 'PUT' | 'DELETE'], route: path.replace(/^\/api\//, ''), authLevel: 'anonymous',
    extraInputs: [durable.input.durableClient()], handler,
  });
}
