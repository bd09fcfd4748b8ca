// Parses input from outside with a schema. Routes, queues and webhooks call this file before they
// use the input.
import type * as z from 'zod';
import { rejected } from './errors.ts';

/** Returns the parsed value, or throws `Invalid` with a message for each wrong field. */
export function parseInput<T extends z.ZodType>(schema: T, value: unknown, subject: string): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    field: issue.path.join('.') || '(whole)',
    message: issue.message,
  }));
  throw rejected(
    400,
    'Invalid',
    `${subject} is not valid: ` +
      `${errors.map(({ field, message }) => `${field}: ${message}`).join('; ')}. Nothing was ` +
      'started.',
    { errors },
  );
}
