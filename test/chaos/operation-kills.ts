// Kills the app by SIGKILL once at each boundary, and checks the result against Site Recovery's own
// count.
import assert from 'node:assert/strict';
import type { TestEnvironment } from '../support/test-environment.ts';
import type { Boundary, KilledOperation } from './boundaries.ts';
import { commandFor, assertOperationOutcome, runWithFaults } from './run-with-kills.ts';
import type { Replication } from '../support/lifeboat-client.ts';

export const OPERATIONS: readonly KilledOperation[] = ['failover', 'commit', 'reprotect'];

export interface OperationKill {
  readonly operation: KilledOperation;
  readonly boundary: Boundary;
}

/** Kills the app there once. Throws on a broken expectation. */
export async function runOperationKill(
  environment: TestEnvironment,
  vm: Replication,
  { operation, boundary: { point, where } }: OperationKill,
): Promise<void> {
  const { job, kills } = await runWithFaults(environment, commandFor(operation, [vm]), (pid) => [
    { ...where(operation), point, times: 1, do: { kind: 'kill', pid } },
  ]);
  assert.deepEqual({ operation, kills, state: job.state }, { operation, kills: 1, state: 'completed' });
  await assertOperationOutcome(environment, operation, vm, job);
}
