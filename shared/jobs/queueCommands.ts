// Accepts commands from Service Bus queues by the same rules as the REST routes. A refused command
// goes to the refused queue, with code and reason. The queue triggers call this module.
import * as z from 'zod';
import agreement from '../../infra/agreement.json' with { type: 'json' };
import { clock } from '../core/clock.ts';
import { config, type CommandQueue } from '../core/config.ts';
import { ErrorKind, LifeboatError, rejected } from '../core/errors.ts';
import { jobIdOf } from '../core/ids.ts';
import { acceptCommand } from './acceptCommand.ts';
import type { WithEtag } from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { JobDocument } from '../journal/documents.ts';
import type { Caller } from '../access/caller.ts';
import {
  createRefusedMessage,
  markSent,
  readRefusedMessage,
  refusedMessageIdOf,
  type RefusedMessageDocument,
} from './refusedMessages.ts';
import { openSender } from '../delivery/serviceBus.ts';

const REFUSED_QUEUE = agreement.serviceBus.queues.find(({ name }) => name.endsWith('-refused'))?.name ?? '';

/** The host passes a 64 bit number as one number or as two halves. */
const Count = z.union([
  z.int().transform(String),
  z
    .object({ low: z.int(), high: z.int() })
    .transform(({ low, high }) => String(BigInt(high) * 2n ** 32n + BigInt(low >>> 0))),
]);
const optionalText = z.union([z.string(), z.number()]).transform(String).nullish().catch(null);

const Metadata = z.object({
  messageId: z.unknown(),
  sequenceNumber: Count,
  deliveryCount: Count.transform(Number),
  replyTo: optionalText,
  correlationId: optionalText,
});

/** A message of a command queue. */
export interface QueueMessage {
  readonly body: unknown;
  readonly metadata: z.infer<typeof Metadata>;
}

/** Builds the message from the body and the metadata of the trigger. */
export const queueMessageOf = (body: unknown, metadata: unknown): QueueMessage => ({
  body,
  metadata: Metadata.parse(metadata),
});

/** The job of the command, or its refusal. */
export type QueueCommandResult = { readonly job: JobDocument } | { readonly refused: RefusedMessageDocument };

/**
 * Accepts or refuses the command of a message. Throws if the queue must deliver the message again.
 */
export async function acceptQueueCommand(
  message: QueueMessage,
  queue: CommandQueue,
): Promise<QueueCommandResult> {
  const caller = callerOf(queue);
  const { messageId, sequenceNumber, deliveryCount } = message.metadata;
  const refusalKey = {
    jobId: jobIdOf(caller.tenant, caller.id, String(messageId)),
    id: refusedMessageIdOf(queue.queue, sequenceNumber),
  };
  try {
    // An earlier delivery refused the command, and its process may have died before the
    // notification. The first decision stays, even if the command could start now.
    const earlierRefusal =
      deliveryCount > 1 ? await readRefusedMessage(refusalKey.jobId, refusalKey.id) : undefined;
    if (earlierRefusal) return { refused: await sendRefusal(earlierRefusal, message) };
    return { job: await acceptCommand(messageBodyOf(message), idempotencyKeyOf(messageId), caller) };
  } catch (error) {
    if (!(error instanceof LifeboatError) || error.kind !== ErrorKind.rejected) throw error;
    return {
      refused: await sendRefusal(
        await createRefusedMessage(refusalOf(refusalKey, message, queue, error, await clock().now())),
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
 * The idempotency key of a message. The host parses each text as JSON if possible, so a numeric id
 * arrives as a number. Some numbers lose their original text. A safe whole number gives the
 * same key as at the REST route.
 */
function idempotencyKeyOf(messageId: unknown): string {
  if (typeof messageId === 'string' && messageId.trim() !== '') return messageId;
  if (typeof messageId === 'number' && Number.isSafeInteger(messageId) && messageId >= 0)
    return String(messageId);
  const reason =
    messageId === undefined || messageId === null || messageId === ''
      ? 'The message has no id'
      : 'The id of the message is a number that lost digits on the way, or a JSON keyword';
  throw rejected(
    400,
    'MessageIdUnusable',
    `${reason}. Nothing was started. Send an id such as the ticket's, with a letter in it: the ` +
      'same command sent twice with the same id is one job.',
  );
}

function messageBodyOf({ body }: QueueMessage): unknown {
  if (typeof body === 'object' && body !== null && !ArrayBuffer.isView(body)) return body;
  throw rejected(400, 'NotJson', 'The message is not a JSON object. Nothing was started.');
}

const MAX_DETAILS_LENGTH = 30_000;

function refusalOf(
  refusalKey: Pick<RefusedMessageDocument, 'jobId' | 'id'>,
  { metadata }: QueueMessage,
  { queue, callerId, name }: CommandQueue,
  { code, message, details }: LifeboatError,
  now: Date,
): RefusedMessageDocument {
  return {
    ...refusalKey,
    type: 'refusal',
    schema: SCHEMA_VERSION,
    queue,
    sequence: metadata.sequenceNumber,
    messageId: String(metadata.messageId),
    caller: { id: callerId, name },
    code,
    message,
    details: JSON.stringify(details).length > MAX_DETAILS_LENGTH ? null : details,
    at: now.toISOString(),
    toldAt: null,
  };
}

/**
 * Sends the refusal, in effect once. Until the mark, Lifeboat may send it again under the same id,
 * and the queue drops duplicates.
 */
async function sendRefusal(
  refusal: WithEtag<RefusedMessageDocument>,
  { body, metadata }: QueueMessage,
): Promise<RefusedMessageDocument> {
  if (refusal.toldAt !== null) return refusal;
  const { code, message, details, queue, sequence, messageId, caller, at } = refusal;
  await (
    await openSender(REFUSED_QUEUE)
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
      ...originalBodyOf(body),
    },
  });
  // If this write fails, the next delivery of the message sends the refusal again.
  await markSent(refusal, await clock().now());
  return refusal;
}

/** A Service Bus message has a limit of 256 KB. */
const MAX_BODY_BYTES = 150_000;

function originalBodyOf(body: unknown): { readonly body: unknown; readonly bodyCut: boolean } {
  const encoded = ArrayBuffer.isView(body)
    ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64')
    : (body ?? null);
  const text = typeof encoded === 'string' ? encoded : JSON.stringify(encoded);
  return Buffer.byteLength(text) > MAX_BODY_BYTES
    ? { body: text.slice(0, MAX_BODY_BYTES / 4), bodyCut: true }
    : { body: encoded, bodyCut: false };
}

const MAX_PAUSE_SECONDS = 60;

/**
 * Wall seconds to keep a failed message before its next delivery. A short outage of the store must
 * not use up all deliveries at once.
 */
export const pauseSeconds = ({ metadata }: QueueMessage): number =>
  Math.min(
    MAX_PAUSE_SECONDS,
    config().LIFEBOAT_QUEUE_PAUSE_SECONDS * 2 ** Math.min(20, metadata.deliveryCount - 1),
  );
