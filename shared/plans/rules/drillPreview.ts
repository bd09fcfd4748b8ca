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
  readonly givenUp: readonly string[];
}

/** Null: nothing ends it. */
export function drillEndIn({ nodes }: Graph, { times }: Pick<Estimate, 'times'>): DrillEnd | null {
  const hold = nodes.find(({ id }) => id === TIME_TO_LIVE);
  if (hold?.kind !== 'hold') return null;
  const at = (id: string) => times.get(id) ?? { begins: 0, ends: 0 };
  const tests = nodes
    .filter((node) => node.kind === 'vms' && node.main)
    .map(({ id }) => at(id))
    .sort((a, b) => a.begins - b.begins);
  const life = hold.minutes * 60;
  let up = tests[0]?.ends ?? 0;
  for (const { begins, ends } of tests) {
    if (begins > up + life) break;
    up = Math.max(up, ends);
  }
  const seconds = up + life;
  const givenUp = nodes.flatMap((node) =>
    node.kind === 'action' && at(node.id).ends > seconds ? [node.action.name] : [],
  );
  return { seconds, minutes: hold.minutes, givenUp };
}
