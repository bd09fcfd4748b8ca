// The shared parts of all response schemas. The compiler checks each schema against the views, and
// the tests check it against real answers. Each field has a description for the OpenAPI document.
import * as z from 'zod';

export const text = z.string();
export const nullableText = z.string().nullable();
export const texts = z.array(text);
/** A time in UTC. */
export const time = z.iso.datetime();
export const nullableTime = time.nullable();
export const count = z.int().min(0);
export const nullableSeconds = z.number().min(0).nullable();

/** Shows a union of words as plain text, because the union grows over time. */
export const textAs = <Word extends string>(): z.ZodType<Word> => z.string() as unknown as z.ZodType<Word>;

export const IdAndName = z.strictObject({
  id: text.describe('The id.'),
  name: text.describe('The name for people.'),
});
export const MultiVmGroup = z
  .strictObject({
    name: text.describe('The name of the multi-VM group.'),
    id: nullableText.describe('The id of the group in Site Recovery; null until the group exists.'),
  })
  .nullable();
export const SelfLink = z.strictObject({ self: text.describe('The path of this object.') });
export const Refusal = z.strictObject({
  code: text.describe('The problem code; GET /api/problems/{code} explains it.'),
  message: text.describe('The reason, and what to do.'),
});
export const Warning = z.strictObject({
  code: text.describe('The problem code; GET /api/problems/{code} explains it.'),
  message: text.describe('What to know. A warning prevents nothing.'),
});

/** A page of a list. */
export const pageOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject({
    ...shape,
    next: nullableText.describe('Send it as "continuation" for the next page; null on the last page.'),
  });

/** Any problem document: RFC 9457 with a Lifeboat code and its details. */
export const Problem = z.looseObject({
  type: z
    .string()
    .regex(/^(https?:\/\/\S+)?\/api\/problems\/\w+$/)
    .describe('The address, or the path at this service, of a page that explains the code.'),
  title: text.describe('The code in words.'),
  status: z.int().describe('The HTTP status.'),
  code: text.describe('The problem code, for programs.'),
  detail: text.describe('The event, its effect and the next action.'),
});
