// The previews of a job: the decisions from before the first step, beside the steps.
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

/** Reads the decisions from before the first step. Undefined until all steps exist. */
export const readPreview = (jobId: string): Promise<WithEtag<PreviewDocument> | undefined> =>
  readDocument<PreviewDocument>(JOBS, 'preview', jobId);

/**
 * Saves the previews of VMs. Safe to repeat after a crash: the next orchestration writes the same
 * previews.
 */
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

/**
 * Creates the preview. If an older orchestration has just written one, that preview stays: both
 * read the same steps.
 */
export async function createPreview(preview: PreviewDocument): Promise<void> {
  await createDocument(JOBS, preview);
}
