// The name of an attempt in Azure. The name depends on the attempt alone: a later reader finds the
// result, and no two attempts share a name.
import { guidOf } from '../../core/hash.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';

/** The GUID of an attempt: always the same for the same job, step and number. */
export const attemptGuidOf = (
  { jobId, id }: Pick<StepDocument, 'jobId' | 'id'>,
  { number }: Pick<AttemptDocument, 'number'>,
): string => guidOf(`${jobId}/${id}/${number}`);
