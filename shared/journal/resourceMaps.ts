// Maps from old to new resource ids, part by part in the partition of their job.
import { createDocument, queryDocuments, type WithEtag } from '../store/cosmos.ts';
import type { ResourceMapDocument } from './documents.ts';

const JOBS = 'jobs';

/** In order; all parts or some of them, if somebody is just keeping them. */
export const readResourceMap = (jobId: string, epoch: number): Promise<WithEtag<ResourceMapDocument>[]> =>
  queryDocuments<ResourceMapDocument>(JOBS, {
    where: "c.type = 'resourceMap' AND c.epoch = @epoch",
    parameters: { epoch },
    orderBy: 'c.id',
    partition: { key: 'jobId', value: jobId },
  });

/** Whoever came first has read the same. */
export async function createResourceMap(jobId: string, parts: readonly ResourceMapDocument[]): Promise<void> {
  for (const part of parts) await createDocument(JOBS, { ...part, jobId });
}
