// A step that a test brings into a state, as the mover that the table has for that move.
import { STEP_MOVES } from '../../shared/core/states/step.ts';
import type { StepDocument } from '../../shared/journal/documents.ts';
import { saveStep } from '../../shared/journal/saveStep.ts';
import type { Stored } from '../../shared/store/cosmos.ts';

export function moveStep(before: Stored<StepDocument>, step: Partial<StepDocument>, now: Date) {
  const [mover = 'work'] = STEP_MOVES[before.state][step.state ?? before.state] ?? [];
  return saveStep(before, { step, mover }, now);
}
