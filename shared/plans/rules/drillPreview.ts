// Estimates the clean-up time of a drill, and the actions that would not end before the clean-up.

import type { Estimate } from './criticalPath.ts';
import { TIME_TO_LIVE, type Graph } from './graph.ts';

export interface DrillEnd {
  /**
   * Seconds from the begin of the run. The estimate counts waits for persons as zero: the drill ends
   * even during such a wait.
   */
  readonly seconds: number;
  readonly minutes: number;
  /** Names of actions that usually take longer. The drill would give them up. */
  readonly givenUpSteps: readonly string[];
}

/** Estimates the end of a drill; null: nothing ends the drill. */
export function estimateDrillEnd({ nodes }: Graph, { times }: Pick<Estimate, 'times'>): DrillEnd | null {
  const holdNode = nodes.find(({ id }) => id === TIME_TO_LIVE);
  if (holdNode?.kind !== 'hold') return null;
  const timesOf = (id: string) => times.get(id) ?? { begins: 0, ends: 0 };
  const testTimes = nodes
    .filter((node) => node.kind === 'vms' && node.main)
    .map(({ id }) => timesOf(id))
    .sort((a, b) => a.begins - b.begins);
  const lifeSeconds = holdNode.minutes * 60;
  let lastUp = testTimes[0]?.ends ?? 0;
  for (const { begins, ends } of testTimes) {
    if (begins > lastUp + lifeSeconds) break;
    lastUp = Math.max(lastUp, ends);
  }
  const seconds = lastUp + lifeSeconds;
  const givenUpSteps = nodes.flatMap((node) =>
    node.kind === 'action' && timesOf(node.id).ends > seconds ? [node.action.name] : [],
  );
  return { seconds, minutes: holdNode.minutes, givenUpSteps };
}
