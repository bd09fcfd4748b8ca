// One Site Recovery operation on many VMs. The orchestrator starts each VM and polls all VMs of
// each vault until no step is open. runJob.ts calls it as a sub-orchestration.
import type { OrchestrationContext } from 'durable-functions';
import type { OpenPhaseResult } from '../shared/jobs/openPhase.ts';
import type { PolledPhase } from '../shared/attempts/pollPhase.ts';
import { callWithRetry, sleep, type OrchestrationTask } from './callWithRetry.ts';
import { type PhaseInput, inspectUnwritten, startWaves } from './startWaves.ts';

/** The orchestrator cuts its history after this many polls. The store holds all open work. */
const MAX_POLLS_PER_HISTORY = 40;
const FIRST_POLL_SECONDS = 10;

/** The orchestrator of one phase. */
export function* phase(context: OrchestrationContext): OrchestrationTask<string> {
  const input = context.df.getInput<PhaseInput>();
  let waiting = input.waiting ?? (yield* openTargets(context, input));
  for (let polls = 0; polls < MAX_POLLS_PER_HISTORY && waiting !== null; polls++) {
    const started = yield* startWaves(context, input, waiting);
    const polled = yield* pollAllVaults(context, input, started > 0 ? FIRST_POLL_SECONDS : 0);
    if (polled === 'ended') return 'ended';
    waiting = polled;
  }
  if (waiting === null) return 'superseded';
  context.df.continueAsNew({ ...input, waiting } satisfies PhaseInput);
  return 'continued';
}

/**
 * Opens the phase and returns its targets, without targets that failed in an earlier phase. Null:
 * another epoch has the job.
 */
function* openTargets(
  context: OrchestrationContext,
  input: PhaseInput,
): OrchestrationTask<Record<string, string[]> | null> {
  const { jobId, epoch, phase, vaults } = input;
  const opened = yield* callWithRetry<OpenPhaseResult>(context, 'openPhase', { jobId, epoch, phase });
  if (opened.superseded) return null;
  const unwritten = new Set(opened.unwritten);
  yield* inspectUnwritten(context, input, unwritten);
  const takingPart = new Set(opened.open).difference(unwritten);
  return Object.fromEntries(
    vaults.map(({ vaultId, targetIds }) => [vaultId, targetIds.filter((id) => takingPart.has(id))]),
  );
}

/**
 * Polls every vault, then sleeps until the next step can start. Returns `ended` if no step is open,
 * and null if another epoch has the job.
 */
function* pollAllVaults(
  context: OrchestrationContext,
  { jobId, epoch, phase, vaults }: PhaseInput,
  firstPauseSeconds: number,
): OrchestrationTask<Record<string, readonly string[]> | 'ended' | null> {
  if (firstPauseSeconds > 0) yield* sleep(context, firstPauseSeconds);
  const results: [string, PolledPhase][] = [];
  for (const { vaultId, vaultArmId } of vaults) {
    results.push([
      vaultId,
      yield* callWithRetry<PolledPhase>(context, 'pollPhase', { jobId, epoch, phase, vaultId, vaultArmId }),
    ]);
  }
  if (results.some(([, polled]) => polled.superseded)) return null;
  const open = results.filter(([, polled]) => polled.open > 0);
  if (open.length === 0) return 'ended';
  const next = Math.min(...open.map(([, polled]) => polled.nextSeconds));
  if (next > 0) yield* sleep(context, next);
  return Object.fromEntries(results.map(([vaultId, polled]) => [vaultId, polled.startable]));
}
