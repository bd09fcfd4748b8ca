// Walks a plan's graph, round by round: what may begin is begun, within the write budget; whatever
// runs is followed; then it is asked anew.
import type { OrchestrationContext } from 'durable-functions';
import type { PollActionsResult } from '../shared/actions/pollActions.ts';
import type { Grant, ReserveInput } from '../shared/attempts/grant.ts';
import type { AdvanceResult, AdvanceInput, OpenPhase } from '../shared/runs/advancePlan.ts';
import type { PolledPhase } from '../shared/attempts/pollPhase.ts';
import { callWithRetry, WakeableTimer, type OrchestrationTask } from './callWithRetry.ts';
import { startWave } from './startWaves.ts';

/** After so many rounds the history is cut: what is open stands in the store. */
export const MAX_ROUNDS_PER_HISTORY = 30;
/** Where something did not begin at once. */
const SOON_SECONDS = 10;
/** People's wishes stand in the store; should no event wake the walk, it looks itself. */
const MAX_SLEEP_SECONDS = 240;

/** What this execution knows of the places where it is at work; what it forgets, the next look finds. */
interface VaultPhase extends OpenPhase {
  /** Targets whose turn has come, and which the budget has not let through yet. */
  waiting: readonly string[];
  /** Story time in milliseconds of the next look. */
  dueMilliseconds: number;
}

export function* runPlan(context: OrchestrationContext): OrchestrationTask<string> {
  const input = context.df.getInput<AdvanceInput>();
  const vaultPhases = new Map<string, VaultPhase>();
  const timer = new WakeableTimer();
  let actionsDue = 0;
  for (let round = 0; round < MAX_ROUNDS_PER_HISTORY; round++) {
    const advanced = yield* callWithRetry<AdvanceResult>(context, 'advancePlan', input);
    if (advanced.superseded || advanced.over) return advanced.over ? 'over' : 'superseded';
    updateVaultPhases(vaultPhases, advanced.turns);
    let pauseSeconds = Math.min(MAX_SLEEP_SECONDS, advanced.nextSeconds ?? MAX_SLEEP_SECONDS);
    for (const place of vaultPhases.values())
      pauseSeconds = Math.min(pauseSeconds, yield* startWaiting(context, input, place));
    if (advanced.acting > 0 && actionsDue <= currentMilliseconds(context)) {
      const polledActions = yield* callWithRetry<PollActionsResult>(context, 'pollActions', input);
      if (polledActions.superseded) return 'superseded';
      if (polledActions.open < advanced.acting) continue;
      actionsDue = currentMilliseconds(context) + polledActions.nextSeconds * 1000;
    }
    const due = Math.min(
      ...[...vaultPhases.values()].map((place) => place.dueMilliseconds),
      advanced.acting > 0 ? actionsDue : Infinity,
    );
    pauseSeconds = Math.ceil(Math.min(pauseSeconds, (due - currentMilliseconds(context)) / 1000));
    if (pauseSeconds > 0 && (yield* timer.sleep(context, pauseSeconds))) actionsDue = 0;
    for (const place of vaultPhases.values()) {
      if (
        place.dueMilliseconds <= currentMilliseconds(context) &&
        !(yield* pollVaultPhase(context, input, place))
      )
        return 'superseded';
    }
  }
  // An event that was not taken ends with this history: the next one looks at everything before it sleeps.
  context.df.continueAsNew(input);
  return 'continued';
}

const currentMilliseconds = (context: OrchestrationContext): number =>
  context.df.currentUtcDateTime.getTime();
const vaultPhaseKeyOf = ({ phase, vaultId }: OpenPhase): string => `${phase} ${vaultId}`;

/** Where nothing is open any more nobody looks. */
function updateVaultPhases(vaultPhases: Map<string, VaultPhase>, turns: readonly OpenPhase[]): void {
  const open = new Map(turns.map((turn) => [vaultPhaseKeyOf(turn), turn]));
  for (const key of [...vaultPhases.keys()]) if (!open.has(key)) vaultPhases.delete(key);
  for (const [key, turn] of open) {
    const known = vaultPhases.get(key);
    vaultPhases.set(key, {
      ...turn,
      waiting: [...new Set([...(known?.waiting ?? []), ...turn.startable])],
      dueMilliseconds: known?.dueMilliseconds ?? 0,
    });
  }
}

/** Seconds until the budget lets more through. */
function* startWaiting(
  context: OrchestrationContext,
  { jobId, epoch }: AdvanceInput,
  vaultPhase: VaultPhase,
): OrchestrationTask<number> {
  // What a history of older code does not tell stays as that code took it to be.
  const { phase, vaultId, subscription, waiting, always = phase === 'cleanUpTestFailover' } = vaultPhase;
  if (waiting.length === 0) return Infinity;
  const {
    granted,
    waitSeconds,
    held,
    firstLookSeconds = SOON_SECONDS,
  } = yield* callWithRetry<Grant>(context, 'reserveWrites', {
    jobId,
    phase,
    subscription,
    want: waiting.length,
    always,
  } satisfies ReserveInput);
  if (granted > 0) {
    const accepted = yield* startWave(
      context,
      waiting.slice(0, granted).map((targetId) => ({ jobId, epoch, phase, vaultId, targetId })),
    );
    vaultPhase.dueMilliseconds = Math.min(
      vaultPhase.dueMilliseconds || Infinity,
      currentMilliseconds(context) + (accepted ? firstLookSeconds : SOON_SECONDS) * 1000,
    );
  }
  // Held up by a person: the follower says when to go on.
  vaultPhase.waiting = held ? [] : waiting.slice(granted);
  return vaultPhase.waiting.length > 0 ? waitSeconds : Infinity;
}

/** False when another epoch has the job. */
function* pollVaultPhase(
  context: OrchestrationContext,
  { jobId, epoch }: AdvanceInput,
  vaultPhase: VaultPhase,
): OrchestrationTask<boolean> {
  const { phase, vaultId, vaultArmId } = vaultPhase;
  const polled = yield* callWithRetry<PolledPhase>(context, 'pollPhase', {
    jobId,
    epoch,
    phase,
    vaultId,
    vaultArmId,
  });
  vaultPhase.waiting = polled.startable;
  vaultPhase.dueMilliseconds =
    currentMilliseconds(context) +
    (polled.lookSeconds ?? Math.max(polled.nextSeconds, vaultPhase.waiting.length > 0 ? SOON_SECONDS : 0)) *
      1000;
  return !polled.superseded;
}
