// Parses input from outside with a schema. Routes, queues and webhooks call this file before they
// use the input.
import type * as z from 'zod';
import { rejected } from './errors.ts';
import { issueSentence } from './issueSentence.ts';

/** An answer must not grow with a hostile body: it names so many errors, in texts of this length. */
const MAX_ERRORS = 20;
const MAX_TEXT_CHARS = 500;

/** Shortens a text that may hold input from outside. */
export const shortenText = (text: string, maxChars = MAX_TEXT_CHARS): string =>
  text.length <= maxChars ? text : `${text.slice(0, maxChars)}…`;

/** Replaces line breaks and other control characters, so that a text from outside stays in its line. */
export const toSingleLine = (text: string): string => text.replace(CONTROL_CHARACTERS, ' ').trim();
const CONTROL_CHARACTERS = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/** The name of the whole input, where no single field is wrong. */
const WHOLE = '(whole)';
/** The texts end inside a sentence, or as one. */
const withoutFullStop = (text: string): string => text.replace(/\.$/, '');

/** Returns the parsed value, or throws `Invalid` with a message for each wrong field. */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, subject: string): z.infer<T> {
  const parsed = schema.safeParse(value, { error: issueSentence });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const errors = issues.slice(0, MAX_ERRORS).map((issue) => ({
    field: shortenText(issue.path.join('.')) || WHOLE,
    message: withoutFullStop(shortenText(issue.message)),
  }));
  const more = issues.length > MAX_ERRORS ? `; and ${issues.length - MAX_ERRORS} more` : '';
  const texts = errors.map(({ field, message }) => (field === WHOLE ? message : `${field}: ${message}`));
  throw rejected(
    400,
    'Invalid',
    `${subject} is not valid: ${texts.join('; ')}${more}. Nothing was started.`,
    { errors },
  );
}
