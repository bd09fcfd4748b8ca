// What a run of a plan would have taken if whoever walks it saw everything at once: the floor under each run.

export interface SentWrite {
  /** Its group's place in the plan, where each group waits for the one before. */
  readonly group: number;
  /** Story time in seconds. */
  readonly atSeconds: number;
  /** How long Site Recovery's job for it truly took, in seconds. */
  readonly durationSeconds: number;
}

export interface WriteBudget {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Floor {
  /**
   * A write goes as soon as the budget has room for it and its group may begin; a group ends with
   * the last of its jobs.
   */
  readonly seconds: number;
  /** The budget alone: when the last write has room. */
  readonly budgetSeconds: number;
  /** Site Recovery alone: the slowest job of each group, one group after the other. */
  readonly pathSeconds: number;
}

export function floorOf(sent: readonly SentWrite[], { burst, perSecond }: WriteBudget): Floor {
  const groups = [...Map.groupBy(sent, ({ group }) => group)]
    .sort(([a], [b]) => a - b)
    .map(([, writes]) => writes.toSorted((a, b) => a.atSeconds - b.atSeconds));
  let [now, tokens, end, path] = [0, burst, 0, 0];
  for (const writes of groups) {
    // While the group before ran to its end, the bucket filled again.
    tokens = Math.min(burst, tokens + (end - now) * perSecond);
    now = end;
    for (const { durationSeconds } of writes) {
      if (tokens < 1) {
        now += (1 - tokens) / perSecond;
        tokens = 1;
      }
      tokens -= 1;
      end = Math.max(end, now + durationSeconds);
    }
    path += Math.max(...writes.map(({ durationSeconds }) => durationSeconds));
  }
  return { seconds: end, budgetSeconds: Math.max(0, (sent.length - burst) / perSecond), pathSeconds: path };
}

/** So that so many in a hundred are no greater. */
export function percentile(values: readonly number[], hundredths: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((hundredths / 100) * sorted.length) - 1)] ?? null;
}
