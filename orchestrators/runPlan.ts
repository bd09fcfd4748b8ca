// Runs the graph of a plan, round by round. Each round starts the due steps within the write budget
// and polls the running steps. Then it asks for the next state of the graph. runJob.ts calls it as
// a sub-orchestration.
import type { OrchestrationContext } from 'durable-functions';
import type { PollActionsResult } from '../shared/actions/pollActions.ts';
import type { WriteAllowance, ReserveInput } from '../shared/attempts/reserveWrites.ts';
import type { AdvanceResult, AdvanceInput, OpenPhase } from '../shared/runs/advancePlan.ts';
import type { PolledPhase } from '../shared/attempts/pollPhase.ts';
import { callWithRetry, WakeableTimer, type OrchestrationTask } from './callWithRetry.ts';
import { startWave } from './startWaves.ts';

/** The orchestrator cuts its history after this many rounds. The store holds all open work. */
export const MAX_ROUNDS_PER_HISTORY = 30;
/** The pause if a step did not start at once. */
const SOON_SECONDS = 10;
/**
 * The requests of persons are in the store. If no event wakes the orchestration, it reads them
 * itself after this time.
 */
const MAX_SLEEP_SECONDS = 240;

/**
 * A phase in one vault with running steps. If a new execution forgets an entry, the next poll finds
 * it again.
 */
interface VaultPhase extends OpenPhase {
  /** Due targets that still wait for the write budget. */
  waiting: readonly string[];
  /** Simulated time of the next poll, in milliseconds. */
  dueMilliseconds: number;
}

/** The orchestrator of a plan run. */
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
    for (const vaultPhase of vaultPhases.values())
      pauseSeconds = Math.min(pauseSeconds, yield* startWaiting(context, input, vaultPhase));
    if (advanced.acting > 0 && actionsDue <= currentMilliseconds(context)) {
      const polledActions = yield* callWithRetry<PollActionsResult>(context, 'pollActions', input);
      if (polledActions.superseded) return 'superseded';
      if (polledActions.open < advanced.acting) continue;
      actionsDue = currentMilliseconds(context) + polledActions.nextSeconds * 1000;
    }
    const due = Math.min(
      ...[...vaultPhases.values()].map((vaultPhase) => vaultPhase.dueMilliseconds),
      advanced.acting > 0 ? actionsDue : Infinity,
    );
    pauseSeconds = Math.ceil(Math.min(pauseSeconds, (due - currentMilliseconds(context)) / 1000));
    if (pauseSeconds > 0 && (yield* timer.sleep(context, pauseSeconds))) actionsDue = 0;
    for (const vaultPhase of vaultPhases.values()) {
      if (
        vaultPhase.dueMilliseconds <= currentMilliseconds(context) &&
        !(yield* pollVaultPhase(context, input, vaultPhase))
      )
        return 'superseded';
    }
  }
  // A pending event ends with this history: the next history reads everything before it sleeps.
  context.df.continueAsNew(input);
  return 'continued';
}

const currentMilliseconds = (context: OrchestrationContext): number =>
  context.df.currentUtcDateTime.getTime();
const vaultPhaseKeyOf = ({ phase, vaultId }: OpenPhase): string => `${phase} ${vaultId}`;

/**
 * Updates the entries. An entry without open steps needs no more polls, so the function removes it.
 */
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

/**
 * Starts as many waiting targets as the budget allows. Returns the seconds until the budget allows
 * more.
 */
function* startWaiting(
  context: OrchestrationContext,
  { jobId, epoch }: AdvanceInput,
  vaultPhase: VaultPhase,
): OrchestrationTask<number> {
  // A history of older code lacks these values. The defaults are the values that the older code
  // assumed.
  const { phase, vaultId, subscription, waiting, always = phase === 'cleanUpTestFailover' } = vaultPhase;
  if (waiting.length === 0) return Infinity;
  const {
    granted,
    waitSeconds,
    held,
    firstLookSeconds = SOON_SECONDS,
  } = yield* callWithRetry<WriteAllowance>(context, 'reserveWrites', {
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
  // A person has paused or cancelled the job: the poll says when to continue.
  vaultPhase.waiting = held ? [] : waiting.slice(granted);
  return vaultPhase.waiting.length > 0 ? waitSeconds : Infinity;
}

/** Polls the phase in its vault. False: another epoch has the job. */
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
