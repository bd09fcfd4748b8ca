// The maps from old to new resource ids. A map has several documents in the partition of its job.
import { createDocument, queryDocuments, type WithEtag } from '../store/cosmos.ts';
import type { ResourceMapDocument } from './documents.ts';

const JOBS = 'jobs';

/**
 * The documents of a map, in order. Some may be missing while another process still writes them.
 */
export const readResourceMap = (jobId: string, epoch: number): Promise<WithEtag<ResourceMapDocument>[]> =>
  queryDocuments<ResourceMapDocument>(JOBS, {
    where: "c.type = 'resourceMap' AND c.epoch = @epoch",
    parameters: { epoch },
    orderBy: 'c.id',
    partition: { key: 'jobId', value: jobId },
  });

/** Creates the documents. An existing document stays: an earlier writer has read the same facts. */
export async function createResourceMap(jobId: string, parts: readonly ResourceMapDocument[]): Promise<void> {
  for (const part of parts) await createDocument(JOBS, { ...part, jobId });
}
