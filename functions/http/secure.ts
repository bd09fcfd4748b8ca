// Wraps every handler of a route. Before the handler it checks sign-in, rate and role. After an
// error it returns a problem document. It logs the caller and the end of each request.
import type { HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { authenticate, authorize, describeCaller, isAuthorized } from '../../shared/access/bearer.ts';
import type { Caller } from '../../shared/access/caller.ts';
import type { Route } from '../../shared/access/roles.ts';
import { config } from '../../shared/core/config.ts';
import { Operation } from '../../shared/core/operations.ts';
import { problemAnswer, type HttpAnswer } from '../../shared/http/problem.ts';
import { assertWithinRate, RateLimiter, type RateLimit } from '../../shared/http/rateLimit.ts';
import { bodyOf } from './input.ts';

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
      const operation = isAuthorized(caller, route) ? undefined : await operationIn(request);
      authorize(caller, route, operation);
      const answer = await handler(request, caller, context);
      context.log(`${answer.status} ${requestLineOf(request)} for ${describeCaller(caller)}`);
      return answer;
    } catch (error) {
      return refusal(error, request, caller, context);
    }
  };
}

/** The operation of a command in the body, if any. A refusal names the roles of the operation. */
async function operationIn(request: HttpRequest): Promise<Operation | undefined> {
  const body = await bodyOf(request, {}).catch(() => undefined);
  const named = (body as { readonly operation?: unknown } | null | undefined)?.operation;
  return Object.values(Operation).find((operation) => operation === named);
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
