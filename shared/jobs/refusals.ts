// The stored refusals of queue messages: one document for each message.
import { writeBatch, createDocument, readDocument, type WithEtag } from '../store/cosmos.ts';
import type { RefusalDocument } from './refusalDocument.ts';

const JOBS = 'jobs';

/** The document id of the refusal of a message. */
export const refusalIdOf = (queue: string, sequence: string): string => `refusal:${queue}:${sequence}`;

/** Reads the refusal of a message. Undefined: none. */
export const readRefusal = (jobId: string, id: string): Promise<WithEtag<RefusalDocument> | undefined> =>
  readDocument<RefusalDocument>(JOBS, id, jobId);

/** Creates a refusal and returns the stored one: the first decision wins. */
export async function createRefusal(refusal: RefusalDocument): Promise<WithEtag<RefusalDocument>> {
  await createDocument(JOBS, refusal);
  const stored = await readRefusal(refusal.jobId, refusal.id);
  if (!stored) throw new Error(`The refusal ${refusal.id} was kept and cannot be read.`);
  return stored;
}

/** Records that the refused queue has the refusal. */
export async function markSent(refusal: WithEtag<RefusalDocument>, now: Date): Promise<void> {
  const sentRefusal: RefusalDocument = { ...refusal, toldAt: now.toISOString() };
  await writeBatch(JOBS, refusal.jobId, [{ replace: sentRefusal, etag: refusal._etag }]);
}
