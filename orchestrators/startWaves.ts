// Starts VMs in waves within the write budget. A large wave becomes several shards, which only
// start VMs. phase.ts and runPlan.ts call this module.
import type { OrchestrationContext } from 'durable-functions';
import type { VaultTargets } from '../shared/runs/stepPlan.ts';
import type { WriteAllowance, ReserveInput } from '../shared/attempts/reserveWrites.ts';
import type { AlreadyReplicatedInput, StartInput, StartResult } from '../shared/attempts/startStep.ts';
import { waitForAll, callWithRetry, sleep, type OrchestrationTask } from './callWithRetry.ts';
import type { Phase } from '../shared/core/operations.ts';

/** The maximum number of starts in one history. */
export const SHARD_SIZE = 100;

/** The starts of one shard. */
export interface ShardInput {
  readonly starts: readonly StartInput[];
}

/**
 * Starts the waiting VMs of all vaults, wave by wave. Returns the number of waiting VMs, also of those
 * that a pause holds back.
 */
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
      const { granted, waitSeconds, held } = yield* callWithRetry<WriteAllowance>(context, 'reserveWrites', {
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
 * Handles the VMs without a write: they take nothing from the budget, and one list covers each
 * shard.
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
 * Starts one wave. True: Azure has accepted every start. After a failed start the result is
 * unknown, and the poll finds it.
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

/** The orchestrator of one shard. */
export function* startShard(context: OrchestrationContext): OrchestrationTask<boolean> {
  return yield* startWave(context, context.df.getInput<ShardInput>().starts);
}
/** The phase to run, and the vaults of its targets. */
export interface PhaseInput {
  readonly jobId: string;
  readonly epoch: number;
  readonly phase: Phase;
  readonly vaults: readonly VaultTargets[];
  /** The VMs to start next, for each vault. Null before the phase is open. */
  readonly waiting: Readonly<Record<string, readonly string[]>> | null;
}
