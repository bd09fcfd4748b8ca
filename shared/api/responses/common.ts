// What answers share. Each schema is held to what the views make of the store's documents by the
// compiler, and to what leaves the doors by the tests.
import * as z from 'zod';

export const text = z.string();
export const nullableText = z.string().nullable();
/** A moment, in UTC. */
export const time = z.iso.datetime();
export const nullableTime = time.nullable();
export const count = z.int().min(0);
export const nullableSeconds = z.number().min(0).nullable();

/** Of a union of words that is told here as text: it grows. */
export const textAs = <Word extends string>(): z.ZodType<Word> => z.string() as unknown as z.ZodType<Word>;

export const IdAndName = z.strictObject({ id: text, name: text });
export const SelfLink = z.strictObject({ self: text });
export const Refusal = z.strictObject({ code: text, message: text });
export const Warning = z.strictObject({ code: text, message: text });

/** A page of a list; `next` asks for the one after it, and is null after the last. */
export const pageOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject({ ...shape, next: nullableText });

/** Of any problem: RFC 9457, with a code of Lifeboat's, and what the code is about beside it. */
export const Problem = z.looseObject({
  /** Leads to a page that explains the code: an address, or a path of this service. */
  type: z.string().regex(/^(https?:\/\/\S+)?\/api\/problems\/\w+$/),
  title: text,
  status: z.int(),
  code: text,
  /** What happened, what was done about it, what to do next. */
  detail: text,
});
