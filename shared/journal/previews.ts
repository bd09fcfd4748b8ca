// What was decided before a job did anything, kept beside its steps.
import {
  writeBatch,
  splitIntoBatches,
  createDocument,
  readDocument,
  type WithEtag,
  type BatchWrite,
} from '../store/cosmos.ts';
import { SCHEMA_VERSION } from '../store/schema.ts';
import type { PreviewDocument, VmPreviewDocument } from './documents.ts';

const JOBS = 'jobs';

/** What was decided before the job did anything; undefined until all of its steps stand. */
export const readPreview = (jobId: string): Promise<WithEtag<PreviewDocument> | undefined> =>
  readDocument<PreviewDocument>(JOBS, 'preview', jobId);

/** Those of the VMs: a walk that died on the way writes the same again. */
export async function saveVmPreviews(
  jobId: string,
  previews: readonly Pick<VmPreviewDocument, 'targetId' | 'preview'>[],
): Promise<void> {
  await Promise.all(
    splitIntoBatches(previews).map((chunk) =>
      writeBatch(
        JOBS,
        jobId,
        chunk.map((vmPreview): BatchWrite => {
          const document: VmPreviewDocument = {
            id: `preview:${vmPreview.targetId}`,
            type: 'vmPreview',
            schema: SCHEMA_VERSION,
            jobId,
            ...vmPreview,
          };
          return { put: document };
        }),
      ),
    ),
  );
}

/** An older walk may have written it just now: it has read the same steps. */
export async function createPreview(preview: PreviewDocument): Promise<void> {
  await createDocument(JOBS, preview);
}
