// What was refused of the messages that came by queues: one document a message.
import { writeBatch, createDocument, readDocument, type WithEtag } from '../store/cosmos.ts';
import type { RefusalDocument } from './refusalDocument.ts';

const JOBS = 'jobs';

export const refusalIdOf = (queue: string, sequence: string): string => `refusal:${queue}:${sequence}`;

export const readRefusal = (jobId: string, id: string): Promise<WithEtag<RefusalDocument> | undefined> =>
  readDocument<RefusalDocument>(JOBS, id, jobId);

/** The one that stands: whoever was first has decided. */
export async function createRefusal(refusal: RefusalDocument): Promise<WithEtag<RefusalDocument>> {
  await createDocument(JOBS, refusal);
  const stored = await readRefusal(refusal.jobId, refusal.id);
  if (!stored) throw new Error(`The refusal ${refusal.id} was kept and cannot be read.`);
  return stored;
}

export async function markSent(refusal: WithEtag<RefusalDocument>, now: Date): Promise<void> {
  const sentRefusal: RefusalDocument = { ...refusal, toldAt: now.toISOString() };
  await writeBatch(JOBS, refusal.jobId, [{ replace: sentRefusal, etag: refusal._etag }]);
}
