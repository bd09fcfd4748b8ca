// The work around every handler of a route: sign-in, rate and role before the handler, a problem document
// for each error, and a line in the log that says who asked and how the request ended.
import type { HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { authenticate, authorize, describeCaller } from '../../shared/access/bearer.ts';
import type { Caller } from '../../shared/access/caller.ts';
import type { Route } from '../../shared/access/roles.ts';
import { config } from '../../shared/core/config.ts';
import { problemAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { assertWithinRate, RateLimiter, type RateLimit } from '../../shared/http/rateLimit.ts';

export type Handler = (
  request: HttpRequest,
  caller: Caller,
  context: InvocationContext,
) => Promise<HttpAnswer>;
export type OpenHandler = (request: HttpRequest, context: InvocationContext) => Promise<HttpAnswer>;

const rate = (): RateLimit => ({
  burst: config().LIFEBOAT_CALLS_BURST,
  perSecond: config().LIFEBOAT_CALLS_PER_SECOND,
});
let cachedRates: RateLimiter | undefined;
const rates = (): RateLimiter => (cachedRates ??= new RateLimiter(rate()));

/** The limit for a caller without a token: a bucket of the same size as a signed-in caller has. */
export const assertCallerRate = (caller: string): void => assertWithinRate(rates(), caller, rate());

/** The handler runs only for a caller with a role that the route allows. */
export function secured(route: Route, handler: Handler): HttpHandler {
  return async function securedRoute(request, context) {
    let caller: Caller | undefined;
    try {
      caller = await authenticate(request.headers.get('authorization'));
      assertWithinRate(rates(), `${caller.tenant} ${caller.id}`, rate());
      authorize(caller, route);
      const answer = await handler(request, caller, context);
      context.log(`${answer.status} ${requestLineOf(request)} for ${describeCaller(caller)}`);
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
export function unsecured(handler: OpenHandler): HttpHandler {
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
): HttpAnswer {
  const { code, answer } = problemAnswer(error, (message) => context.error(message));
  context.log(
    `${answer.status} ${code} ${requestLineOf(request)} for ${caller ? describeCaller(caller) : 'somebody unknown'}`,
  );
  return answer;
}

/** Without the query, which may hold private data. */
const requestLineOf = ({ method, url }: HttpRequest): string => `${method} ${new URL(url).pathname}`;
