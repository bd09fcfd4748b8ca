// What comes in with a request: its body, and what its query string asks for. Each goes through a schema before anything is done.
import type { HttpRequest } from '@azure/functions';
import type { z } from 'zod';
import { rejected } from '../../shared/errors.ts';
import { parse } from '../../shared/jobs/parse.ts';

const MOST_BYTES = 1_000_000;

/** As it was written: what is wrong in it can be told by line. */
export async function textOf(request: HttpRequest): Promise<string> {
  const text = await request.text();
  if (text.length > MOST_BYTES) throw rejected(413, 'BodyTooLarge', `A body has at most ${MOST_BYTES} bytes. Nothing was started.`);
  return text;
}

/** `whenEmpty` stands for no body at all, where one may be left out. */
export async function bodyOf(request: HttpRequest, whenEmpty?: unknown): Promise<unknown> {
  const text = await textOf(request);
  return text === '' && whenEmpty !== undefined ? whenEmpty : jsonOf(text);
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw rejected(400, 'NotJson', 'The body is not JSON. Nothing was started.');
  }
}

export const queryOf = <T extends z.ZodType>(request: HttpRequest, schema: T): z.infer<T> => parse(schema, Object.fromEntries(request.query), 'The query');
