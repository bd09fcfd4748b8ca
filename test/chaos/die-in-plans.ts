// A plan goes through all that it can be run for, and the app is killed in each run, at one
// boundary or at several one after the other.
import assert from 'node:assert/strict';
import type { PlanOperation } from '../../shared/plans/rules/graph.ts';
import type { Listening } from '../support/news.ts';
import type { Boundary } from './boundaries.ts';
import { gentle } from './faults.ts';
import { boundariesOf, STORY } from './plan-boundaries.ts';
import { playOnPlan } from './plan-stage.ts';

export interface PlanDeath {
  readonly operation: PlanOperation;
  /** None: in this run it lives. */
  readonly boundaries: readonly Boundary[];
}

/** How often it was killed; throws with what was not true. */
export async function dieOnPlan(world: Listening, { operation, boundaries }: PlanDeath): Promise<number> {
  const { kills } = await playOnPlan(world, operation, (pid) => [
    ...boundaries.map(({ where, point }) => ({
      ...where('failover'),
      point,
      times: 1,
      do: { kind: 'kill' as const, pid },
    })),
    ...gentle(operation.length),
  ]);
  assert.deepEqual({ operation, kills }, { operation, kills: boundaries.length });
  return kills;
}

/**
 * As often through the story as it takes until each operation has died at each of its boundaries;
 * those of one run lie far apart, for one write can be its end once.
 */
export function planDeaths(inARun: number): readonly (readonly PlanDeath[])[] {
  return dealt(
    STORY.map((operation, at) => ({
      operation,
      boundaries: STORY.indexOf(operation) === at ? boundariesOf(operation) : [],
    })),
    inARun,
  );
}

/**
 * Each run of the story with some of its boundaries, as many stories as it takes until all have had
 * their turn.
 */
export function dealt<T extends { readonly boundaries: readonly unknown[] }>(
  lists: readonly T[],
  inARun: number,
): readonly (readonly T[])[] {
  const runs = Math.ceil(Math.max(...lists.map(({ boundaries }) => boundaries.length)) / inARun);
  return Array.from({ length: runs }, (_, run) =>
    lists.map((list) => ({
      ...list,
      boundaries: list.boundaries.filter((_boundary, index) => index % runs === run),
    })),
  );
}

export function namedDeath(operation: PlanOperation, names: readonly string[]): PlanDeath {
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
