// The stored refused messages of the command queues: one document for each message.
import { writeBatch, createDocument, readDocument, type WithEtag } from '../store/cosmos.ts';
import type { Caller } from '../access/caller.ts';

const JOBS = 'jobs';

/**
 * Partition: jobs/{the id that a job of this caller and key would have}. The first decision stays:
 * a repeated message gets the same refusal.
 */
export interface RefusedMessageDocument {
  readonly id: string;
  readonly type: 'refusal';
  readonly schema: number;
  readonly jobId: string;
  readonly queue: string;
  /** The sequence number of the message in its queue. */
  readonly sequence: string;
  readonly messageId: string;
  readonly caller: Pick<Caller, 'id' | 'name'>;
  readonly code: string;
  readonly message: string;
  /** The details of the problem document, beside code and message. Null if they are too long. */
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly at: string;
  /** The time when the refused queue received the refusal. */
  readonly toldAt: string | null;
}

/** The document id of the refusal of a message. */
export const refusedMessageIdOf = (queue: string, sequence: string): string => `refusal:${queue}:${sequence}`;

/** Reads the refusal of a message. Undefined: none. */
export const readRefusedMessage = (
  jobId: string,
  id: string,
): Promise<WithEtag<RefusedMessageDocument> | undefined> =>
  readDocument<RefusedMessageDocument>(JOBS, id, jobId);

/** Creates a refusal and returns the stored one: the first decision wins. */
export async function createRefusedMessage(
  refusal: RefusedMessageDocument,
): Promise<WithEtag<RefusedMessageDocument>> {
  await createDocument(JOBS, refusal);
  const stored = await readRefusedMessage(refusal.jobId, refusal.id);
  if (!stored) throw new Error(`The refusal ${refusal.id} was kept and cannot be read.`);
  return stored;
}

/** Records that the refused queue has the refusal. */
export async function markSent(refusal: WithEtag<RefusedMessageDocument>, now: Date): Promise<void> {
  const sentRefusal: RefusedMessageDocument = { ...refusal, toldAt: now.toISOString() };
  await writeBatch(JOBS, refusal.jobId, [{ replace: sentRefusal, etag: refusal._etag }]);
}
