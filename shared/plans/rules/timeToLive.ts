// When the time to live of a drill ends. It runs from the moment the newest test VM is up, whatever waits.
import type { Phase } from '../../core/words.ts';
import { type StepState, isFinalStep, isGoodStep, isNotBegun } from '../../core/states/step.ts';

/** What the end of a drill depends on: its test failovers and their clean-ups. */
export interface DrillMark {
  readonly phase: Phase;
  readonly targetId: string;
  readonly state: StepState;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** A test VM that comes up holds the end off for so long, and no longer: a job of Site Recovery may hang. */
const MOST_COMING_UP_MINUTES = 120;
const MINUTE = 60_000;

/** `beganAt`: when the hold began; it counts while no test VM is known. */
export function endOfDrill(marks: readonly DrillMark[], minutes: number, beganAt: string): Date {
  const cleaned = new Set(
    marks.flatMap(({ phase, targetId, state }) =>
      phase === 'cleanUpTestFailover' && isGoodStep(state) ? [targetId] : [],
    ),
  );
  const up = marks
    .filter(({ phase, targetId }) => phase === 'testFailover' && !cleaned.has(targetId))
    .flatMap(upAt);
  return new Date(
    up.reduce((latest, one) => Math.max(latest, one), up.length === 0 ? Date.parse(beganAt) : 0) +
      minutes * MINUTE,
  );
}

/** No test VM has come up, and none will. */
export function isNothingUp(marks: readonly DrillMark[]): boolean {
  const tests = marks.filter(({ phase }) => phase === 'testFailover');
  return tests.length > 0 && tests.every(({ state }) => state === 'skipped');
}

/** A test that failed counts too: it may have left a VM. */
function upAt({ state, startedAt, endedAt }: DrillMark): readonly number[] {
  if (isFinalStep(state))
    return endedAt !== null && (isGoodStep(state) || startedAt !== null) ? [Date.parse(endedAt)] : [];
  if (isNotBegun(state) || startedAt === null) return [];
  return [Date.parse(startedAt) + MOST_COMING_UP_MINUTES * MINUTE];
}
