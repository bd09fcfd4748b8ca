// For each boundary: the app is killed there by SIGKILL, once, and what came of it is judged by
// Site Recovery's own count.
import assert from 'node:assert/strict';
import type { Scene } from '../support/story.ts';
import type { Boundary, KilledOperation } from './boundaries.ts';
import { commandFor, judge, play } from './kill.ts';
import type { Replication } from '../support/lifeboat.ts';

export const OPERATIONS: readonly KilledOperation[] = ['failover', 'commit', 'reprotect'];

export interface Death {
  readonly operation: KilledOperation;
  readonly boundary: Boundary;
}

/** Killed once there; throws with what was not true. */
export async function die(
  world: Scene,
  vm: Replication,
  { operation, boundary: { point, where } }: Death,
): Promise<void> {
  const { job, kills } = await play(world, commandFor(operation, [vm]), (pid) => [
    { ...where(operation), point, times: 1, do: { kind: 'kill', pid } },
  ]);
  assert.deepEqual({ operation, kills, state: job.state }, { operation, kills: 1, state: 'completed' });
  await judge(world, operation, vm, job);
}
