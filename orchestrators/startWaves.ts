// Starts VMs in waves that the write budget grants; a large wave is cut into shards that only start.
import type { OrchestrationContext } from 'durable-functions';
import type { VaultTargets } from '../shared/runs/stepPlan.ts';
import type { Grant, ReserveInput } from '../shared/attempts/grant.ts';
import type { AlreadyReplicatedInput, StartInput, StartResult } from '../shared/attempts/startStep.ts';
import { waitForAll, callWithRetry, sleep, type OrchestrationTask } from './callWithRetry.ts';
import type { Phase } from '../shared/core/operations.ts';

export const SHARD_SIZE = 100;

export interface ShardInput {
  readonly starts: readonly StartInput[];
}

/** How many were started. */
export function* startWaves(
  context: OrchestrationContext,
  input: PhaseInput,
  waiting: Readonly<Record<string, readonly string[]>>,
): OrchestrationTask<number> {
  let started = 0;
  for (const vault of input.vaults) {
    const ids = [...(waiting[vault.vaultId] ?? [])];
    started += ids.length;
    while (ids.length > 0) {
      const { granted, waitSeconds, held } = yield* callWithRetry<Grant>(context, 'reserveWrites', {
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
export function* inspectUnwritten(
  context: OrchestrationContext,
  { jobId, epoch, phase, vaults }: PhaseInput,
  unwritten: ReadonlySet<string>,
): OrchestrationTask<void> {
  for (const { vaultId, vaultArmId, targetIds } of vaults) {
    const unwrittenIds = targetIds.filter((id) => unwritten.has(id));
    for (let index = 0; index < unwrittenIds.length; index += SHARD_SIZE) {
      const shardInput: AlreadyReplicatedInput = {
        jobId,
        epoch,
        phase,
        vaultId,
        vaultArmId,
        targetIds: unwrittenIds.slice(index, index + SHARD_SIZE),
      };
      yield* callWithRetry(context, 'inspectAlreadyReplicated', shardInput);
    }
  }
}

const startsOf = (
  { jobId, epoch, phase }: PhaseInput,
  { vaultId }: VaultTargets,
  targetIds: readonly string[],
): StartInput[] => targetIds.map((targetId) => ({ jobId, epoch, phase, vaultId, targetId }));

/**
 * True when Azure is known to have accepted all of them. A start that failed is not known: the
 * follower looks.
 */
export function* startWave(
  context: OrchestrationContext,
  starts: readonly StartInput[],
): OrchestrationTask<boolean> {
  if (starts.length <= SHARD_SIZE) {
    const inputs: StartInput[] = starts.map((start) => ({ wave: starts.length, ...start }));
    const results = yield* waitForAll<StartResult>(
      context,
      inputs.map((input) => context.df.callActivity('startOperation', input)),
    );
    return results.every((result) => result === 'started');
  }
  const shards = Array.from({ length: Math.ceil(starts.length / SHARD_SIZE) }, (_, i) =>
    starts.slice(i * SHARD_SIZE, (i + 1) * SHARD_SIZE),
  );
  const inputs: ShardInput[] = shards.map((shard) => ({ starts: shard }));
  const accepted = yield* waitForAll<boolean>(
    context,
    inputs.map((input) => context.df.callSubOrchestrator('startShard', input)),
  );
  return accepted.every((all) => all === true);
}

export function* startShard(context: OrchestrationContext): OrchestrationTask<boolean> {
  return yield* startWave(context, context.df.getInput<ShardInput>().starts);
}
export interface PhaseInput {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly vaults: readonly VaultTargets[];
  /** Vault by vault, the VMs to start next; null before the phase has been opened. */
  readonly waiting: Readonly<Record<string, readonly string[]>> | null;
}
