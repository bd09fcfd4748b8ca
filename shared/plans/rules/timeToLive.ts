// Computes the end of a drill's time to live. The time begins when the newest test VM is up.
// Waiting steps do not extend the time to live.

import type { Phase } from '../../core/operations.ts';
import {
  type StepState,
  isFinalStepState,
  isSuccessfulStepState,
  isNotBegun,
} from '../../core/states/step.ts';

/** A test failover or a clean-up of a drill. The end of the drill depends on these steps. */
export interface DrillStepSummary {
  readonly phase: Phase;
  readonly targetId: string;
  readonly state: StepState;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

/** A starting test VM delays the end by at most this time: a job of Site Recovery may hang. */
const MAX_COMING_UP_MINUTES = 120;
const MINUTE_MS = 60_000;

/** The end of the time to live. `beganAt`: begin of the hold; it counts without a known test VM. */
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

/** True: no test VM has come up, and none will. */
export function hasNoTestVm(drillSteps: readonly DrillStepSummary[]): boolean {
  const tests = drillSteps.filter(({ phase }) => phase === 'testFailover');
  return tests.length > 0 && tests.every(({ state }) => state === 'skipped');
}

/** The times at which a test VM was up. A failed test counts too: it may have left a VM. */
function upTimesOf({ state, startedAt, endedAt }: DrillStepSummary): readonly number[] {
  if (isFinalStepState(state))
    return endedAt !== null && (isSuccessfulStepState(state) || startedAt !== null)
      ? [Date.parse(endedAt)]
      : [];
  if (isNotBegun(state) || startedAt === null) return [];
  return [Date.parse(startedAt) + MAX_COMING_UP_MINUTES * MINUTE_MS];
}
