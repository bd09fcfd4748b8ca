// What was decided before a job did anything, kept beside its steps.
import { batch, chunks, create, read, type Stored, type Write } from '../store/cosmos.ts';
import { SCHEMA } from '../store/schema.ts';
import type { PreviewDocument, VmPreviewDocument } from './documents.ts';

const JOBS = 'jobs';

/** What was decided before the job did anything; undefined until all of its steps stand. */
export const readPreview = (jobId: string): Promise<Stored<PreviewDocument> | undefined> =>
  read<PreviewDocument>(JOBS, 'preview', jobId);

/** Those of the VMs: a walk that died on the way writes the same again. */
export async function putVmPreviews(
  jobId: string,
  previews: readonly Pick<VmPreviewDocument, 'targetId' | 'preview'>[],
): Promise<void> {
  await Promise.all(
    chunks(previews).map((some) =>
      batch(
        JOBS,
        jobId,
        some.map((one): Write => {
          const document: VmPreviewDocument = {
            id: `preview:${one.targetId}`,
            type: 'vmPreview',
            schema: SCHEMA,
            jobId,
            ...one,
          };
          return { put: document };
        }),
      ),
    ),
  );
}

/** An older walk may have written it just now: it has read the same steps. */
export async function createPreview(preview: PreviewDocument): Promise<void> {
  await create(JOBS, preview);
}
