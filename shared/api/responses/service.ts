// Response schemas of the service itself and of call-back addresses.
import * as z from 'zod';
import type { ReadyCheck } from '../../jobs/serviceReadiness.ts';
import type { DeliveryResult } from '../../delivery/deliveryTarget.ts';
import type { privacyView } from '../privacy.ts';
import type { ProblemView } from '../problemViews.ts';
import type { callbackView } from '../views.ts';
import { count, nullableTime, IdAndName, SelfLink, text } from './common.ts';

export const Health = z.strictObject({ status: z.literal('alive') });

const ServiceCheck = z.strictObject({
  name: z.enum(['settings', 'store', 'signIn', 'bus', 'deliveries', 'orchestrations']),
  verdict: z.enum(['pass', 'warn', 'fail']),
  message: text,
  milliseconds: z.number(),
}) satisfies z.ZodType<ReadyCheck>;
export const Ready = z.strictObject({
  status: z.enum(['ready', 'degraded', 'notReady']),
  checks: z.array(ServiceCheck),
});

export const Privacy = z.strictObject({
  sent: z.array(z.strictObject({ feature: text, what: text, where: text, why: text })),
  turningOff: text,
  kept: z.array(z.strictObject({ where: text, what: text, howLong: text })),
}) satisfies z.ZodType<ReturnType<typeof privacyView>>;

const ExplainedProblem = z.strictObject({
  code: text,
  means: text,
  changed: text,
  next: text,
  self: text,
}) satisfies z.ZodType<ProblemView>;
export const ProblemPage = ExplainedProblem;
export const ProblemPages = z.strictObject({ problems: z.array(ExplainedProblem) });

export const Callback = z.strictObject({
  id: text,
  version: count,
  url: text,
  audience: z.enum(['events', 'people']),
  level: count,
  caller: text.nullable(),
  keys: z.array(text),
  savedBy: IdAndName.nullable(),
  savedAt: nullableTime,
  links: SelfLink,
}) satisfies z.ZodType<ReturnType<typeof callbackView>>;
export const Callbacks = z.strictObject({ callbacks: z.array(Callback) });

export const CallbackTestResult = z.discriminatedUnion('delivered', [
  z.strictObject({ delivered: z.literal(true) }),
  z.strictObject({ delivered: z.literal(false), reason: text, retryAfterSeconds: z.number().nullable() }),
]) satisfies z.ZodType<DeliveryResult>;
