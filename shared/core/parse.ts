// Whatever comes from outside goes through a schema; what does not fit is told field by field.
import type * as z from 'zod';
import { rejected } from './errors.ts';

export function parse<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const errors = read.error.issues.map((issue) => ({
    field: issue.path.join('.') || '(whole)',
    message: issue.message,
  }));
  throw rejected(
    400,
    'Invalid',
    `${what} is not valid: ` +
      `${errors.map(({ field, message }) => `${field}: ${message}`).join('; ')}. Nothing was ` +
      'started.',
    { errors },
  );
}
