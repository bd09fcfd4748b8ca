// Answers each request under /api that no route takes: an unknown address, or a wrong method. The
// host's own answer would be 404 without a body, for both.
import type { HttpRequest } from '@azure/functions';
import { rejected } from '../../shared/core/errors.ts';
import { shortenText } from '../../shared/core/parse.ts';
import { methodsAt } from '../../shared/http/addresses.ts';
import type { HttpAnswer } from '../../shared/http/problem.ts';

/** The host knows no route for any method, so this list names each method that a client may send. */
export const ALL_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'] as const;

const MAX_SHOWN_CHARS = 200;

export function answerUnknownAddress({ method, url }: HttpRequest): Promise<HttpAnswer> {
  const { pathname } = new URL(url);
  const methods = methodsAt(pathname);
  const address = shortenText(pathname, MAX_SHOWN_CHARS);
  // The host may refuse an address that looks like one of a route, such as one with a line break.
  if (methods.length === 0 || (methods.includes(method) && method !== 'OPTIONS'))
    throw rejected(
      404,
      'AddressUnknown',
      `There is no address ${address}. Nothing was done. GET /api/openapi.json lists all addresses.`,
    );
  if (method !== 'OPTIONS')
    throw rejected(
      405,
      'MethodNotAllowed',
      `${method} is not possible at ${address}. Nothing was done. Possible: ${methods.join(', ')}.`,
      { allow: methods },
    );
  return Promise.resolve({ status: 204, headers: { allow: methods.join(', ') }, body: '' });
}
