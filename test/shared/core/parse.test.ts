// The refusal of wrong input stays small, whatever the size of the input.
import * as z from 'zod';
import { parseInput } from '../../../shared/core/parse.ts';
import { LifeboatError } from '../../../shared/core/errors.ts';

const Body = z.strictObject({ names: z.array(z.string()).optional() });

function refusalOf(body: unknown): { readonly detail: string; readonly errors: readonly object[] } {
  try {
    parseInput(Body, body, 'The body');
  } catch (error) {
    if (error instanceof LifeboatError)
      return { detail: error.message, errors: error.details['errors'] as readonly object[] };
  }
  throw new Error('The body was not refused.');
}
const sizeOf = (value: unknown): number => JSON.stringify(value).length;

test('a refusal names the first errors and the number of the others [TRG-1]', () => {
  const { detail, errors } = refusalOf({ names: Array.from({ length: 90_000 }, () => 1) });
  expect(errors).toHaveLength(20);
  expect(errors[0]).toEqual({
    field: 'names.0',
    message: 'must be a text, and is a number',
  });
  expect(detail).toContain('names.19: ');
  expect(detail).toContain('; and 89980 more. Nothing was started.');
});

test('a refusal stays small for many unknown names, and for a long one [TRG-1]', () => {
  const many = Object.fromEntries(Array.from({ length: 90_000 }, (_, at) => [`name${at}`, 1]));
  for (const body of [many, { ['x'.repeat(900_000)]: 1 }]) {
    const refusal = refusalOf(body);
    expect(refusal.detail).toContain('unknown field');
    expect(sizeOf(refusal)).toBeLessThan(2_000);
  }
});
