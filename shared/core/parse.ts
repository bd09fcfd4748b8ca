// Parses input from outside with a schema. Routes, queues and webhooks call this file before they
// use the input.
import type * as z from 'zod';
import { rejected } from './errors.ts';

/** An answer must not grow with a hostile body: it names so many errors, in texts of this length. */
const MAX_ERRORS = 20;
const MAX_TEXT_CHARS = 500;

/** Shortens a text that may hold input from outside. */
export const shortenText = (text: string, maxChars = MAX_TEXT_CHARS): string =>
  text.length <= maxChars ? text : `${text.slice(0, maxChars)}…`;

/** Replaces line breaks and other control characters, so that a text from outside stays in its line. */
export const toSingleLine = (text: string): string => text.replace(CONTROL_CHARACTERS, ' ').trim();
const CONTROL_CHARACTERS = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/** Returns the parsed value, or throws `Invalid` with a message for each wrong field. */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, subject: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const errors = issues.slice(0, MAX_ERRORS).map((issue) => ({
    field: shortenText(issue.path.join('.')) || '(whole)',
    message: shortenText(issue.message),
  }));
  const more = issues.length > MAX_ERRORS ? `; and ${issues.length - MAX_ERRORS} more` : '';
  throw rejected(
    400,
    'Invalid',
    `${subject} is not valid: ` +
      `${errors.map(({ field, message }) => `${field}: ${message}`).join('; ')}${more}. Nothing was ` +
      'started.',
    { errors },
  );
}
