// What was refused of the messages that came by queues: one document a message.
import { batch, create, read, type Stored } from '../store/cosmos.ts';
import type { RefusalDocument } from './refusalDocument.ts';

const JOBS = 'jobs';

export const refusalIdOf = (queue: string, sequence: string): string => `refusal:${queue}:${sequence}`;

export const readRefusal = (jobId: string, id: string): Promise<Stored<RefusalDocument> | undefined> =>
  read<RefusalDocument>(JOBS, id, jobId);

/** The one that stands: whoever was first has decided. */
export async function keepRefusal(refusal: RefusalDocument): Promise<Stored<RefusalDocument>> {
  await create(JOBS, refusal);
  const kept = await readRefusal(refusal.jobId, refusal.id);
  if (!kept) throw new Error(`The refusal ${refusal.id} was kept and cannot be read.`);
  return kept;
}

export async function markTold(refusal: Stored<RefusalDocument>, now: Date): Promise<void> {
  const told: RefusalDocument = { ...refusal, toldAt: now.toISOString() };
  await batch(JOBS, refusal.jobId, [{ replace: told, etag: refusal._etag }]);
}
