// When the time to live of a drill ends. It runs from the moment the newest test VM is up, whatever waits.
import type { Phase } from '../../core/operations.ts';
import {
  type StepState,
  isFinalStepState,
  isSuccessfulStepState,
  isNotBegun,
} from '../../core/states/step.ts';

/** What the end of a drill depends on: its test failovers and their clean-ups. */
export interface DrillStepSummary {
  readonly phase: Phase;
  readonly targetId: string;
  readonly state: StepState;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** A test VM that comes up holds the end off for so long, and no longer: a job of Site Recovery may hang. */
const MAX_COMING_UP_MINUTES = 120;
const MINUTE_MS = 60_000;

/** `beganAt`: when the hold began; it counts while no test VM is known. */
export function drillEndOf(drillSteps: readonly DrillStepSummary[], minutes: number, beganAt: string): Date {
  const cleanedIds = new Set(
    drillSteps.flatMap(({ phase, targetId, state }) =>
      phase === 'cleanUpTestFailover' && isSuccessfulStepState(state) ? [targetId] : [],
    ),
  );
  const upTimes = drillSteps
    .filter(({ phase, targetId }) => phase === 'testFailover' && !cleanedIds.has(targetId))
    .flatMap(upTimesOf);
  return new Date(
    upTimes.reduce(
      (latest, upTime) => Math.max(latest, upTime),
      upTimes.length === 0 ? Date.parse(beganAt) : 0,
    ) +
      minutes * MINUTE_MS,
  );
}

/** No test VM has come up, and none will. */
export function hasNoTestVm(drillSteps: readonly DrillStepSummary[]): boolean {
  const tests = drillSteps.filter(({ phase }) => phase === 'testFailover');
  return tests.length > 0 && tests.every(({ state }) => state === 'skipped');
}

/** A test that failed counts too: it may have left a VM. */
function upTimesOf({ state, startedAt, endedAt }: DrillStepSummary): readonly number[] {
  if (isFinalStepState(state))
    return endedAt !== null && (isSuccessfulStepState(state) || startedAt !== null)
      ? [Date.parse(endedAt)]
      : [];
  if (isNotBegun(state) || startedAt === null) return [];
  return [Date.parse(startedAt) + MAX_COMING_UP_MINUTES * MINUTE_MS];
}
