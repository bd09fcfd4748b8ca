// Moves jobs and steps into a state, as the actor that the table has for that transition.
import { JOB_TRANSITIONS, type JobState } from '../../shared/core/states/job.ts';
import { STEP_TRANSITIONS } from '../../shared/core/states/step.ts';
import type { JobDocument, StepDocument } from '../../shared/journal/documents.ts';
import { transitionJob } from '../../shared/journal/job.ts';
import { saveStep } from '../../shared/journal/saveStep.ts';
import type { WithEtag } from '../../shared/store/cosmos.ts';

export function transitionStep(before: WithEtag<StepDocument>, step: Partial<StepDocument>, now: Date) {
  const [mover = 'work'] = STEP_TRANSITIONS[before.state][step.state ?? before.state] ?? [];
  return saveStep(before, { step, cause: mover }, now);
}

export function transitionJobTo(
  before: WithEtag<JobDocument>,
  job: Partial<JobDocument> & { readonly state: JobState },
  now: Date,
) {
  const [mover = 'close'] = JOB_TRANSITIONS[before.state][job.state] ?? [];
  return transitionJob(before, mover, job, [], now);
}
