// The input of a request: body, query string and path. Each goes through a schema before a handler
// uses the input.
import type { HttpRequest } from '@azure/functions';
import type * as z from 'zod';
import { parseJsonBody, assertJsonContentType, readBodyText } from '../../shared/http/body.ts';
import { parseInput } from '../../shared/core/parse.ts';

/** A part of the path, such as `{id}`. */
export const pathPart = (request: HttpRequest, name: string): string => request.params[name] ?? '';

/** The original text of the body, so that an error can name its line. */
export async function textOf(request: HttpRequest): Promise<string> {
  const text = await readBodyText(request);
  if (text !== '') assertJsonContentType(request.headers.get('content-type'));
  return text;
}

/** The parsed body. `whenEmpty` replaces an absent body, if the route allows that. */
export async function bodyOf(request: HttpRequest, whenEmpty?: unknown): Promise<unknown> {
  const text = await textOf(request);
  return text === '' && whenEmpty !== undefined ? whenEmpty : parseJsonBody(text);
}

export const queryOf = <T extends z.ZodType>(request: HttpRequest, schema: T): z.infer<T> =>
  parseInput(schema, Object.fromEntries(request.query), 'The query');
