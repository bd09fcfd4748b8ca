// When a drill would be cleaned up, and what of it would not be over by then.
import type { Estimate } from './criticalPath.ts';
import { TIME_TO_LIVE, type Graph } from './graph.ts';

export interface DrillEnd {
  /**
   * From the begin of the run. What waits for persons is counted as nothing; while they are waited
   * for, the drill still ends.
   */
  readonly seconds: number;
  readonly minutes: number;
  /** Names of the steps that usually take longer, and would be given up. */
  readonly givenUpSteps: readonly string[];
}

/** Null: nothing ends it. */
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
