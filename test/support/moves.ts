// Jobs and steps that a test brings into a state, as the mover that the table has for that move.
import { JOB_MOVES, type JobState } from '../../shared/core/states/job.ts';
import { STEP_MOVES } from '../../shared/core/states/step.ts';
import type { JobDocument, StepDocument } from '../../shared/journal/documents.ts';
import { moveJob } from '../../shared/journal/job.ts';
import { saveStep } from '../../shared/journal/saveStep.ts';
import type { Stored } from '../../shared/store/cosmos.ts';

export function moveStep(before: Stored<StepDocument>, step: Partial<StepDocument>, now: Date) {
  const [mover = 'work'] = STEP_MOVES[before.state][step.state ?? before.state] ?? [];
  return saveStep(before, { step, mover }, now);
}

export function moveJobTo(
  before: Stored<JobDocument>,
  job: Partial<JobDocument> & { readonly state: JobState },
  now: Date,
) {
  const [mover = 'close'] = JOB_MOVES[before.state][job.state] ?? [];
  return moveJob(before, mover, job, [], now);
}
