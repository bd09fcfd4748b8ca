// Runs a plan through all its operations. The runner kills the app in each run, at one boundary or
// at several in sequence.
import assert from 'node:assert/strict';
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import type { EventEnvironment } from '../support/event-environment.ts';
import type { Boundary } from './boundaries.ts';
import { harmlessFaults } from './random-faults.ts';
import { boundariesOf, OPERATION_CYCLE } from './plan-boundaries.ts';
import { runOnPlan } from './plan-environment.ts';

export interface PlanKills {
  readonly operation: PlanOperation;
  /** An empty list: this run has no kill. */
  readonly boundaries: readonly Boundary[];
}

/** Returns the number of kills. Throws on a broken expectation. */
export async function runPlanKills(
  environment: EventEnvironment,
  { operation, boundaries }: PlanKills,
): Promise<number> {
  const { kills } = await runOnPlan(environment, operation, (pid) => [
    ...boundaries.map(({ where, point }) => ({
      ...where(undefined),
      point,
      times: 1,
      do: { kind: 'kill' as const, pid },
    })),
    ...harmlessFaults(operation.length),
  ]);
  assert.deepEqual({ operation, kills }, { operation, kills: boundaries.length });
  return kills;
}

/**
 * Repeats the cycle of operations until each operation has died at each of its boundaries. The
 * boundaries of one run lie far apart, because one write can end the app only once.
 */
export function planKillSeries(killsPerRun: number): readonly (readonly PlanKills[])[] {
  return spreadBoundaries(
    OPERATION_CYCLE.map((operation, at) => ({
      operation,
      boundaries: OPERATION_CYCLE.indexOf(operation) === at ? boundariesOf(operation) : [],
    })),
    killsPerRun,
  );
}

/**
 * Gives each run of the cycle some of its boundaries. It repeats the cycle until all boundaries had
 * their turn.
 */
export function spreadBoundaries<T extends { readonly boundaries: readonly unknown[] }>(
  lists: readonly T[],
  killsPerRun: number,
): readonly (readonly T[])[] {
  const runs = Math.ceil(Math.max(...lists.map(({ boundaries }) => boundaries.length)) / killsPerRun);
  return Array.from({ length: runs }, (_, run) =>
    lists.map((list) => ({
      ...list,
      boundaries: list.boundaries.filter((_boundary, index) => index % runs === run),
    })),
  );
}

export function planKillsNamed(operation: PlanOperation, names: readonly string[]): PlanKills {
  const known = new Map(boundariesOf(operation).map((boundary) => [boundary.name, boundary]));
  return {
    operation,
    boundaries: names.map((name) => {
      const found = known.get(name);
      if (!found) throw new Error(`${operation} has no boundary "${name}".`);
      return found;
    }),
  };
}
