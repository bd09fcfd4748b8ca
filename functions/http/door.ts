// What every HTTP door does: who is it, may they, one thing, and an answer; whatever goes wrong
// becomes a problem document. What was decided is logged, with who asked.
import { app, type HttpHandler, type HttpRequest, type InvocationContext } from '@azure/functions';
import * as durable from 'durable-functions';
import { authenticate, authorize, whoIs } from '../../shared/access/bearer.ts';
import type { OpenRoute, Route } from '../../shared/access/roles.ts';
import { config } from '../../shared/core/config.ts';
import { problem, type Answer } from '../../shared/http/problem.ts';
import { mustNotRush, Rates, type Rate } from '../../shared/http/rate.ts';
import type { Caller } from '../../shared/access/caller.ts';

export type Door = (request: HttpRequest, caller: Caller, context: InvocationContext) => Promise<Answer>;
export type OpenDoor = (request: HttpRequest, context: InvocationContext) => Promise<Answer>;

const rate = (): Rate => ({
  burst: config().LIFEBOAT_CALLS_BURST,
  perSecond: config().LIFEBOAT_CALLS_PER_SECOND,
});
let kept: Rates | undefined;
const rates = (): Rates => (kept ??= new Rates(rate()));

/** For who shows no token: a bucket of the same size as a caller's. */
export const mustNotRushAs = (caller: string): void => mustNotRush(rates(), caller, rate());

/** Behind a role. */
export function door(name: string, route: Route, open: Door): void {
  register(name, route, async (request, context) => {
    let caller: Caller | undefined;
    try {
      caller = await authenticate(request.headers.get('authorization'));
      mustNotRush(rates(), `${caller.tenant} ${caller.id}`, rate());
      authorize(caller, route);
      const answer = await open(request, caller, context);
      context.log(`${answer.status} ${asked(request)} for ${whoIs(caller)}`);
      return answer;
    } catch (error) {
      return refusal(error, request, caller, context);
    }
  });
}

/**
 * Without a token: nothing behind it says anything of the inside, and what changes anything looks
 * at a signature first.
 */
export function openDoor(name: string, route: OpenRoute, open: OpenDoor): void {
  register(name, route, async (request, context) => {
    try {
      return await open(request, context);
    } catch (error) {
      return refusal(error, request, undefined, context);
    }
  });
}

function refusal(
  error: unknown,
  request: HttpRequest,
  caller: Caller | undefined,
  context: InvocationContext,
): Answer {
  const { code, answer } = problem(error, (message) => context.error(message));
  context.log(
    `${answer.status} ${code} ${asked(request)} for ${caller ? whoIs(caller) : 'somebody unknown'}`,
  );
  return answer;
}

/** Without its query, which may hold what is nobody's business. */
const asked = ({ method, url }: HttpRequest): string => `${method} ${new URL(url).pathname}`;

function register(name: string, route: string, handler: HttpHandler): void {
  const [method = '', path = ''] = route.split(' ');
  app.http(name, {
    methods: [method as 'GET' | 'POST' | 'PUT' | 'DELETE'],
    route: path.replace(/^\/api\//, ''),
    authLevel: 'anonymous',
    extraInputs: [durable.input.durableClient()],
    handler,
  });
}
