// Wraps every handler of a route. Before the handler it checks sign-in, rate and role. After an
// error it returns a problem document. It logs the caller and the end of each request.
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

/**
 * The limit for a caller without a token. The bucket has the same size as for a signed-in caller.
 */
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
 * Runs the handler without a token. Its answers must tell nothing about the inside. A handler that
 * changes anything must check a signature first.
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
    `${answer.status} ${code} ${requestLineOf(request)} for ${caller ? describeCaller(caller) : 'an unknown caller'}`,
  );
  return answer;
}

/** The path without the query, because the query may hold private data. */
const requestLineOf = ({ method, url }: HttpRequest): string => `${method} ${new URL(url).pathname}`;
