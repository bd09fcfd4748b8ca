// A plan goes through all that it can be run for, and the app is killed in each run, at one
// boundary or at several one after the other.
import assert from 'node:assert/strict';
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import type { EventEnvironment } from '../support/event-environment.ts';
import type { Boundary } from './boundaries.ts';
import { harmlessFaults } from './random-faults.ts';
import { boundariesOf, OPERATION_CYCLE } from './plan-boundaries.ts';
import { runOnPlan } from './plan-environment.ts';

export interface PlanKills {
  readonly operation: PlanOperation;
  /** None: in this run it lives. */
  readonly boundaries: readonly Boundary[];
}

/** How often it was killed; throws with what was not true. */
export async function runPlanKills(
  environment: EventEnvironment,
  { operation, boundaries }: PlanKills,
): Promise<number> {
  const { kills } = await runOnPlan(environment, operation, (pid) => [
    ...boundaries.map(({ where, point }) => ({
      ...where('failover'),
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
 * As often through the story as it takes until each operation has died at each of its boundaries;
 * those of one run lie far apart, for one write can be its end once.
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
 * Each run of the story with some of its boundaries, as many stories as it takes until all have had
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
