// What an attempt is called in Azure: it follows from the attempt alone, so that whoever asks later
// finds what came of it, and no two share one.
import { guidOf } from '../../core/hash.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';

export const attemptGuidOf = (
  { jobId, id }: Pick<StepDocument, 'jobId' | 'id'>,
  { number }: Pick<AttemptDocument, 'number'>,
): string => guidOf(`${jobId}/${id}/${number}`);
