// The shared parts of all response schemas. The compiler checks each schema against the views, and
// the tests check it against real answers.
import * as z from 'zod';

export const text = z.string();
export const nullableText = z.string().nullable();
/** A time in UTC. */
export const time = z.iso.datetime();
export const nullableTime = time.nullable();
export const count = z.int().min(0);
export const nullableSeconds = z.number().min(0).nullable();

/** Shows a union of words as plain text, because the union grows over time. */
export const textAs = <Word extends string>(): z.ZodType<Word> => z.string() as unknown as z.ZodType<Word>;

export const IdAndName = z.strictObject({ id: text, name: text });
/** A multi-VM group. The id is null until Site Recovery has made the group. */
export const MultiVmGroup = z.strictObject({ name: text, id: nullableText }).nullable();
export const SelfLink = z.strictObject({ self: text });
export const Refusal = z.strictObject({ code: text, message: text });
export const Warning = z.strictObject({ code: text, message: text });

/** A page of a list. `next` asks for the next page, and is null on the last page. */
export const pageOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject({ ...shape, next: nullableText });

/** Any problem document: RFC 9457 with a Lifeboat code and its details. */
export const Problem = z.looseObject({
  /** Leads to a page that explains the code: an address, or a path of this service. */
  type: z.string().regex(/^(https?:\/\/\S+)?\/api\/problems\/\w+$/),
  title: text,
  status: z.int(),
  code: text,
  /** Says the event, its effect and the next action. */
  detail: text,
});
