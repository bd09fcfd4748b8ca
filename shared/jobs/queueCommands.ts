// Commands that come by a queue: the same as at the REST door, and what is refused goes to the
// queue of the refused, with code and reason.
import * as z from 'zod';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { clock } from '../core/clock.ts';
import { config, type CommandQueue } from '../core/config.ts';
import { ErrorKind, LifeboatError, rejected } from '../core/errors.ts';
import { jobIdOf } from '../core/ids.ts';
import { accept } from './accept.ts';
import type { Stored } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { Caller } from '../access/caller.ts';
import type { RefusalDocument } from './refusalDocument.ts';
import { keepRefusal, markTold, readRefusal, refusalIdOf } from './refusals.ts';
import { senderTo } from '../delivery/bus.ts';

const REFUSED = agreement.serviceBus.queues.find(({ name }) => name.endsWith('-refused'))?.name ?? '';

/** The host hands a 64 bit number over as it is, or in two halves. */
const Count = z.union([
  z.int().transform(String),
  z
    .object({ low: z.int(), high: z.int() })
    .transform(({ low, high }) => String(BigInt(high) * 2n ** 32n + BigInt(low >>> 0))),
]);
const maybeText = z.union([z.string(), z.number()]).transform(String).nullish().catch(null);

const Metadata = z.object({
  messageId: z.unknown(),
  sequenceNumber: Count,
  deliveryCount: Count.transform(Number),
  replyTo: maybeText,
  correlationId: maybeText,
});

export interface Incoming {
  readonly body: unknown;
  readonly metadata: z.infer<typeof Metadata>;
}

export const incoming = (body: unknown, metadata: unknown): Incoming => ({
  body,
  metadata: Metadata.parse(metadata),
});

export type Taken = { readonly job: JobDocument } | { readonly refused: RefusalDocument };

/** Ends well when the message is dealt with, one way or the other; throws when it is to come again. */
export async function takeCommand(message: Incoming, queue: CommandQueue): Promise<Taken> {
  const caller = callerOf(queue);
  const { messageId, sequenceNumber, deliveryCount } = message.metadata;
  const place = {
    jobId: jobIdOf(caller.tenant, caller.id, String(messageId)),
    id: refusalIdOf(queue.queue, sequenceNumber),
  };
  try {
    // Refused before, by one who may have died before it was told: what has been decided stays so,
    // even if it would be allowed now.
    const known = deliveryCount > 1 ? await readRefusal(place.jobId, place.id) : undefined;
    if (known) return { refused: await tell(known, message) };
    return { job: await accept(bodyOf(message), keyOf(messageId), caller) };
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.kind !== ErrorKind.rejected) throw error;
    return {
      refused: await tell(
        await keepRefusal(refusalOf(place, message, queue, error, await clock().now())),
        message,
      ),
    };
  }
}

const callerOf = ({ callerId, name, tenant, role }: CommandQueue): Caller => ({
  id: callerId,
  name,
  tenant: tenant ?? config().LIFEBOAT_TENANT_ID,
  roles: [role],
  door: 'queue',
});

/**
 * The host reads every text as JSON where that is possible, so a number comes as one; not every
 * text can be had back from it. A whole one is the key that it is at the REST door, however it was
 * written.
 */
function keyOf(messageId: unknown): string {
  if (typeof messageId === 'string' && messageId.trim() !== '') return messageId;
  if (typeof messageId === 'number' && Number.isSafeInteger(messageId) && messageId >= 0)
    return String(messageId);
  const why =
    messageId === undefined || messageId === null || messageId === ''
      ? 'The message has no id'
      : 'The id of the message is a number of which digits were lost on the way, or a word of JSON';
  throw rejected(
    400,
    'MessageIdUnusable',
    `${why}. Nothing was started. Send an id such as the ticket's, with a letter in it: the ` +
      'same command sent twice with the same id is one job.',
  );
}

function bodyOf({ body }: Incoming): unknown {
  if (typeof body === 'object' && body !== null && !ArrayBuffer.isView(body)) return body;
  throw rejected(400, 'NotJson', 'The message is not a JSON object. Nothing was started.');
}

const MOST_DETAILS = 30_000;

function refusalOf(
  place: Pick<RefusalDocument, 'jobId' | 'id'>,
  { metadata }: Incoming,
  { queue, callerId, name }: CommandQueue,
  { code, message, details }: LifeboatError,
  now: Date,
): RefusalDocument {
  return {
    ...place,
    type: 'refusal',
    schema: SCHEMA,
    queue,
    sequence: metadata.sequenceNumber,
    messageId: String(metadata.messageId),
    caller: { id: callerId, name },
    code,
    message,
    details: JSON.stringify(details).length > MOST_DETAILS ? null : details,
    at: now.toISOString(),
    toldAt: null,
  };
}

/**
 * Once in effect: until it is marked it may be sent again, under the same id, and the queue drops
 * what it has.
 */
async function tell(
  refusal: Stored<RefusalDocument>,
  { body, metadata }: Incoming,
): Promise<RefusalDocument> {
  if (refusal.toldAt !== null) return refusal;
  const { code, message, details, queue, sequence, messageId, caller, at } = refusal;
  await (
    await senderTo(REFUSED)
  ).sendMessages({
    messageId: `${queue}:${sequence}`,
    correlationId: messageId,
    subject: code,
    contentType: 'application/json',
    applicationProperties: { code, queue, sender: caller.name },
    body: {
      code,
      message,
      details,
      queue,
      sender: caller,
      messageId,
      correlationId: metadata.correlationId ?? null,
      replyTo: metadata.replyTo ?? null,
      refusedAt: at,
      ...original(body),
    },
  });
  // Should this fail, it is sent once more when the message comes again.
  await markTold(refusal, await clock().now());
  return refusal;
}

/** A message of Service Bus may have 256 KB in all. */
const MOST_BODY = 150_000;

function original(body: unknown): { readonly body: unknown; readonly bodyCut: boolean } {
  const plain = ArrayBuffer.isView(body)
    ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64')
    : (body ?? null);
  const text = typeof plain === 'string' ? plain : JSON.stringify(plain);
  return Buffer.byteLength(text) > MOST_BODY
    ? { body: text.slice(0, MOST_BODY / 4), bodyCut: true }
    : { body: plain, bodyCut: false };
}

const LONGEST_PAUSE = 60;

/**
 * Wall seconds to hold a message that could not be dealt with, before it is given back: a store
 * that is away for a moment must not use up all deliveries at once.
 */
export const pauseSeconds = ({ metadata }: Incoming): number =>
  Math.min(
    LONGEST_PAUSE,
    config().LIFEBOAT_QUEUE_PAUSE_SECONDS * 2 ** Math.min(20, metadata.deliveryCount - 1),
  );
