// Validates a fault rule from the admin server or from a fault file against the types of
// `fault.ts`.

import * as z from 'zod';
import { PORTAL_OPERATIONS, type FaultRule } from './fault.ts';

const actionShape = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(100).max(599),
    headers: z.record(z.string(), z.string()).exactOptional(),
    body: z.unknown().optional(),
  }),
  z.strictObject({ kind: z.literal('cut') }),
  z.strictObject({ kind: z.literal('delay'), milliseconds: z.number().min(0) }),
  // The schema refuses 0 and negative ids: as the target of a signal they mean whole process
  // groups.
  z.strictObject({ kind: z.literal('kill'), pid: z.int().min(2) }),
  z.strictObject({ kind: z.literal('hold') }),
  z.strictObject({ kind: z.literal('fail'), code: z.string().min(1), message: z.string().exactOptional() }),
  z.strictObject({ kind: z.literal('stick') }),
  z.strictObject({
    kind: z.literal('regionDark'),
    region: z.string().min(1),
    hangs: z.int().min(1).exactOptional(),
    lists: z.enum(['short', 'failing']).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('quotaGone'),
    region: z.string().min(1),
    family: z.string().exactOptional(),
  }),
  z.strictObject({ kind: z.literal('deallocated') }),
  z.strictObject({ kind: z.literal('serverDark'), server: z.string().min(1) }),
  z.strictObject({ kind: z.literal('poweredOff') }),
  z.strictObject({ kind: z.literal('colleague'), operation: z.enum(PORTAL_OPERATIONS) }),
  z.strictObject({ kind: z.literal('warn'), code: z.string().min(1), message: z.string().exactOptional() }),
]);

const MOMENT = 'a simulated time: 2026-01-05T08:00:00Z, or seconds since the simulation started';
const momentShape = z.union([
  z.iso.datetime({ offset: true, error: MOMENT }),
  z.number({ error: MOMENT }).min(0),
]);

const ruleShape = z.strictObject({
  id: z.string().min(1),
  point: z.enum(['received', 'applied', 'answered', 'operation', 'meanwhile', 'standing']),
  service: z.enum(['arm', 'cosmos', 'identity', 'servicebus']).exactOptional(),
  method: z.string().exactOptional(),
  path: z.string().exactOptional(),
  body: z.string().exactOptional(),
  vm: z.string().min(1).exactOptional(),
  subject: z.string().exactOptional(),
  from: momentShape.exactOptional(),
  until: momentShape.exactOptional(),
  skip: z.int().min(0).exactOptional(),
  times: z.int().min(1).exactOptional(),
  chance: z.number().min(0).max(1).exactOptional(),
  seed: z.int().exactOptional(),
  do: actionShape,
});

/** Either the valid rule, or a text that says why the rule is invalid. */
export type RuleResult = { readonly rule: FaultRule } | { readonly wrong: string };

/** Validates one fault rule. Never throws. */
export function readFaultRule(value: unknown): RuleResult {
  const read = ruleShape.safeParse(value);
  return read.success ? { rule: read.data } : { wrong: z.prettifyError(read.error) };
}
