// Kills the app by SIGKILL once at each boundary, and checks the result against Site Recovery's own
// count.
import assert from 'node:assert/strict';
import type { TestEnvironment } from '../support/test-environment.ts';
import { BOUNDARIES, type Boundary, type KilledWrite } from './boundaries.ts';
import type { OperationRun } from './kill-scenarios.ts';
import { assertOperationOutcome, runWithFaults, writesOf } from './run-with-kills.ts';
import type { Replication } from '../support/lifeboat-client.ts';

const PROBE: KilledWrite = { phase: 'a', verb: 'a', operation: '' };

export interface OperationKill {
  readonly run: OperationRun;
  /** Null: no kill. */
  readonly boundary: Boundary<KilledWrite> | null;
}

/** The boundaries of one write. The other boundaries are the same for all writes of a job. */
const BOUNDARIES_OF_WRITE = new Set(
  BOUNDARIES.filter(({ where }) => {
    const [first, second] = [where(PROBE), where({ ...PROBE, phase: 'b', verb: 'b' })];
    return JSON.stringify(first) !== JSON.stringify(second);
  }),
);

/** True when the run is the one that dies at this boundary. */
export const canDieAt = ({ operation, write }: OperationRun, boundary: Boundary<KilledWrite>): boolean =>
  write !== null && (write === operation.writes[0] || BOUNDARIES_OF_WRITE.has(boundary));

/** Kills the app there once. Throws on a broken expectation. */
export async function runOperationKill(
  environment: TestEnvironment,
  vm: Replication,
  { run: { operation, write }, boundary }: OperationKill,
): Promise<void> {
  const { length: before } = await writesOf(environment, vm);
  const { job, kills } = await runWithFaults(
    environment,
    operation.command(vm),
    (pid) =>
      boundary && write
        ? [{ ...boundary.where(write), point: boundary.point, times: 1, do: { kind: 'kill', pid } }]
        : [],
    { who: 'contributor' },
  );
  assert.deepEqual(
    { operation: operation.name, kills, state: job.state },
    { operation: operation.name, kills: boundary ? 1 : 0, state: 'completed' },
  );
  await assertOperationOutcome(environment, operation, vm, job, before);
}
