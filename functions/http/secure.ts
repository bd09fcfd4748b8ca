// The work around every handler of a route: sign-in, rate and role before the handler, a problem document
// for each error, and a line in the log that says who asked and how the request ended.
import type { HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { authenticate, authorize, whoIs } from '../../shared/access/bearer.ts';
import type { Caller } from '../../shared/access/caller.ts';
import type { Route } from '../../shared/access/roles.ts';
import { config } from '../../shared/core/config.ts';
import { problem, type Answer } from '../../shared/http/problem.ts';
import { mustNotRush, Rates, type Rate } from '../../shared/http/rate.ts';

export type Handler = (request: HttpRequest, caller: Caller, context: InvocationContext) => Promise<Answer>;
export type OpenHandler = (request: HttpRequest, context: InvocationContext) => Promise<Answer>;

const rate = (): Rate => ({
  burst: config().LIFEBOAT_CALLS_BURST,
  perSecond: config().LIFEBOAT_CALLS_PER_SECOND,
});
let kept: Rates | undefined;
const rates = (): Rates => (kept ??= new Rates(rate()));

/** The limit for a caller without a token: a bucket of the same size as a signed-in caller has. */
export const mustNotRushAs = (caller: string): void => mustNotRush(rates(), caller, rate());

/** The handler runs only for a caller with a role that the route allows. */
export function secured(route: Route, handler: Handler): HttpHandler {
  return async function securedRoute(request, context) {
    let caller: Caller | undefined;
    try {
      caller = await authenticate(request.headers.get('authorization'));
      mustNotRush(rates(), `${caller.tenant} ${caller.id}`, rate());
      authorize(caller, route);
      const answer = await handler(request, caller, context);
      context.log(`${answer.status} ${asked(request)} for ${whoIs(caller)}`);
      return answer;
    } catch (error) {
      return refusal(error, request, caller, context);
    }
  };
}

/**
 * The handler runs without a token. Its answers tell nothing of the inside, and a handler that changes
 * anything checks a signature first.
 */
export function open(handler: OpenHandler): HttpHandler {
  return async function openRoute(request, context) {
    try {
      return await handler(request, context);
    } catch (error) {
      return refusal(error, request, undefined, context);
    }
  };
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

/** Without the query, which may hold private data. */
const asked = ({ method, url }: HttpRequest): string => `${method} ${new URL(url).pathname}`;
