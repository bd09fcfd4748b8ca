// Response schemas of the service itself and of call-back addresses.
import * as z from 'zod';
import type { ReadyCheck } from '../../jobs/serviceReadiness.ts';
import type { DeliveryResult } from '../../delivery/deliveryTarget.ts';
import type { privacyView } from '../privacy.ts';
import type { ProblemView } from '../problemViews.ts';
import type { callbackView } from '../views.ts';
import { count, nullableTime, IdAndName, SelfLink, text, texts } from './common.ts';

export const Health = z.strictObject({ status: z.literal('alive').describe('The process answers.') });

const ServiceCheck = z.strictObject({
  name: z
    .enum(['settings', 'store', 'signIn', 'bus', 'deliveries', 'orchestrations'])
    .describe('The checked part.'),
  verdict: z.enum(['pass', 'warn', 'fail']).describe('The result.'),
  message: text.describe('The result in words, and what to do.'),
  milliseconds: z.number().describe('The duration of the check, in milliseconds.'),
}) satisfies z.ZodType<ReadyCheck>;
export const Ready = z.strictObject({
  status: z.enum(['ready', 'degraded', 'notReady']).describe('notReady: the service cannot do its work.'),
  checks: z.array(ServiceCheck).describe('The checks of each part.'),
});

export const Privacy = z.strictObject({
  sent: z
    .array(
      z.strictObject({
        feature: text.describe('The feature that sends the data.'),
        what: text.describe('The data.'),
        where: text.describe('The receiver.'),
        why: text.describe('The purpose.'),
      }),
    )
    .describe('All data that leaves Lifeboat.'),
  turningOff: text.describe('How to turn the sending off.'),
  kept: z
    .array(
      z.strictObject({
        where: text.describe('The place of the data.'),
        what: text.describe('The data.'),
        howLong: text.describe('How long Lifeboat keeps it.'),
      }),
    )
    .describe('All data that Lifeboat keeps.'),
}) satisfies z.ZodType<ReturnType<typeof privacyView>>;

const ExplainedProblem = z.strictObject({
  code: text.describe('The problem code.'),
  means: text.describe('The meaning.'),
  changed: text.describe('What was changed before the problem.'),
  next: text.describe('What to do.'),
  self: text.describe('The path of this page.'),
}) satisfies z.ZodType<ProblemView>;
export const ProblemPage = ExplainedProblem;
export const ProblemPages = z.strictObject({
  problems: z.array(ExplainedProblem).describe('All problem codes.'),
});

export const Callback = z.strictObject({
  id: text.describe('The name of the call-back address.'),
  version: count.describe('The version. Each save raises it.'),
  url: text.describe('The host of the address. Path and query stay hidden, because they may hold a secret.'),
  audience: z.enum(['events', 'people']).describe('events: all events. people: questions only.'),
  level: count.describe('The escalation level. A reminder with this number or a higher one goes here too.'),
  caller: text.nullable().describe('Only events of jobs of this caller id; null: of all jobs.'),
  keys: texts.describe('The names of the keys that sign the calls.'),
  savedBy: IdAndName.nullable().describe(
    'The person behind the last save; null: the settings name the address.',
  ),
  savedAt: nullableTime.describe('The time of the last save; null: the settings name the address.'),
  links: SelfLink.describe('Paths of related objects.'),
}) satisfies z.ZodType<ReturnType<typeof callbackView>>;
export const Callbacks = z.strictObject({
  callbacks: z.array(Callback).describe('All call-back addresses.'),
});

const delivered = <Value extends boolean>(value: Value) =>
  z.literal(value).describe('True: the receiver accepted the test event.');
export const CallbackTestResult = z.discriminatedUnion('delivered', [
  z.strictObject({ delivered: delivered(true) }),
  z.strictObject({
    delivered: delivered(false),
    reason: text.describe('The reason of the failure.'),
    retryAfterSeconds: z.number().nullable().describe('The seconds that the receiver asked for; null: none.'),
  }),
]) satisfies z.ZodType<DeliveryResult>;
