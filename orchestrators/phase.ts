// One Site Recovery operation on many VMs: start each, follow all per vault, until none is open.
import type { OrchestrationContext } from 'durable-functions';
import type { Opened } from '../shared/jobs/close.ts';
import type { Followed } from '../shared/attempts/follow.ts';
import { patiently, sleep, type Told } from './patiently.ts';
import { type PhaseInput, startUnwritten, startWaves } from './startWaves.ts';

/** After so many looks the history is cut: what is open stands in the store. */
const LOOKS_IN_A_HISTORY = 40;
const FIRST_LOOK_SECONDS = 10;

export function* phase(context: OrchestrationContext): Told<string> {
  const input = context.df.getInput<PhaseInput>();
  let waiting = input.waiting ?? (yield* open(context, input));
  for (let looks = 0; looks < LOOKS_IN_A_HISTORY && waiting !== null; looks++) {
    const started = yield* startWaves(context, input, waiting);
    const followed = yield* followAll(context, input, started > 0 ? FIRST_LOOK_SECONDS : 0);
    if (followed === 'ended') return 'ended';
    waiting = followed;
  }
  if (waiting === null) return 'superseded';
  context.df.continueAsNew({ ...input, waiting } satisfies PhaseInput);
  return 'continued';
}

/** Who takes part: not those whose earlier phase failed. Null when another epoch has the job. */
function* open(context: OrchestrationContext, input: PhaseInput): Told<Record<string, string[]> | null> {
  const { jobId, epoch, phase, vaults } = input;
  const opened = yield* patiently<Opened>(context, 'openPhase', { jobId, epoch, phase });
  if (opened.superseded) return null;
  const unwritten = new Set(opened.unwritten);
  yield* startUnwritten(context, input, unwritten);
  const taking = new Set(opened.open).difference(unwritten);
  return Object.fromEntries(
    vaults.map(({ vaultId, targetIds }) => [vaultId, targetIds.filter((id) => taking.has(id))]),
  );
}

/**
 * Sleeps until the next look is due and looks at every vault, until some VM can be started, or
 * nothing is open.
 */
function* followAll(
  context: OrchestrationContext,
  { jobId, epoch, phase, vaults }: PhaseInput,
  firstPause: number,
): Told<Record<string, readonly string[]> | 'ended' | null> {
  if (firstPause > 0) yield* sleep(context, firstPause);
  const seen: [string, Followed][] = [];
  for (const { vaultId, vaultArmId } of vaults) {
    seen.push([
      vaultId,
      yield* patiently<Followed>(context, 'follow', { jobId, epoch, phase, vaultId, vaultArmId }),
    ]);
  }
  if (seen.some(([, followed]) => followed.superseded)) return null;
  const open = seen.filter(([, followed]) => followed.open > 0);
  if (open.length === 0) return 'ended';
  const next = Math.min(...open.map(([, followed]) => followed.nextSeconds));
  if (next > 0) yield* sleep(context, next);
  return Object.fromEntries(seen.map(([vaultId, followed]) => [vaultId, followed.startable]));
}
