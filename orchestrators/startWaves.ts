// Starts VMs in waves that the write budget grants; a large wave is cut into shards that only start.
import type { OrchestrationContext } from 'durable-functions';
import type { VaultGroup } from '../shared/runs/layout.ts';
import type { Grant, ReserveInput } from '../shared/attempts/grant.ts';
import type { FoundInput, StartInput, StartResult } from '../shared/attempts/attempts.ts';
import { everyEnd, patiently, sleep, type Told } from './patiently.ts';
import type { Phase } from '../shared/core/words.ts';

export const SHARD = 100;

export interface ShardInput {
  readonly starts: readonly StartInput[];
}

/** How many were started. */
export function* startWaves(
  context: OrchestrationContext,
  input: PhaseInput,
  waiting: Readonly<Record<string, readonly string[]>>,
): Told<number> {
  let started = 0;
  for (const vault of input.vaults) {
    const ids = [...(waiting[vault.vaultId] ?? [])];
    started += ids.length;
    while (ids.length > 0) {
      const { granted, waitSeconds, held } = yield* patiently<Grant>(context, 'reserveWrites', {
        jobId: input.jobId,
        phase: input.phase,
        subscription: vault.subscription,
        want: ids.length,
        always: false,
      } satisfies ReserveInput);
      if (held) break;
      if (granted > 0) yield* startWave(context, startsOf(input, vault, ids.splice(0, granted)));
      if (ids.length > 0) yield* sleep(context, waitSeconds);
    }
  }
  return started;
}

/**
 * Those of which it is known that nothing will be written draw from no budget; each shard of them
 * is looked at by one list.
 */
export function* startUnwritten(
  context: OrchestrationContext,
  { jobId, epoch, phase, vaults }: PhaseInput,
  unwritten: ReadonlySet<string>,
): Told<void> {
  for (const { vaultId, vaultArmId, targetIds } of vaults) {
    const mine = targetIds.filter((id) => unwritten.has(id));
    for (let at = 0; at < mine.length; at += SHARD) {
      const found: FoundInput = {
        jobId,
        epoch,
        phase,
        vaultId,
        vaultArmId,
        targetIds: mine.slice(at, at + SHARD),
      };
      yield* patiently(context, 'lookAtFound', found);
    }
  }
}

const startsOf = (
  { jobId, epoch, phase }: PhaseInput,
  { vaultId }: VaultGroup,
  targetIds: readonly string[],
): StartInput[] => targetIds.map((targetId) => ({ jobId, epoch, phase, vaultId, targetId }));

/**
 * True when Azure is known to have accepted all of them. A start that failed is not known: the
 * follower looks.
 */
export function* startWave(context: OrchestrationContext, starts: readonly StartInput[]): Told<boolean> {
  if (starts.length <= SHARD) {
    const inputs: StartInput[] = starts.map((start) => ({ wave: starts.length, ...start }));
    const results = yield* everyEnd<StartResult>(
      context,
      inputs.map((input) => context.df.callActivity('startOperation', input)),
    );
    return results.every((result) => result === 'started');
  }
  const shards = Array.from({ length: Math.ceil(starts.length / SHARD) }, (_, i) =>
    starts.slice(i * SHARD, (i + 1) * SHARD),
  );
  const inputs: ShardInput[] = shards.map((shard) => ({ starts: shard }));
  const accepted = yield* everyEnd<boolean>(
    context,
    inputs.map((input) => context.df.callSubOrchestrator('startShard', input)),
  );
  return accepted.every((all) => all === true);
}

export function* startShard(context: OrchestrationContext): Told<boolean> {
  return yield* startWave(context, context.df.getInput<ShardInput>().starts);
}
export interface PhaseInput {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly vaults: readonly VaultGroup[];
  /** Vault by vault, the VMs to start next; null before the phase has been opened. */
  readonly waiting: Readonly<Record<string, readonly string[]>> | null;
}
