// The shortest possible duration of a plan's run, if the orchestration saw everything at once. It
// is the lower bound of each run.

export interface SentWrite {
  /** Its group's position in the plan, where each group waits for the one before. */
  readonly group: number;
  /** Simulated time in seconds. */
  readonly atSeconds: number;
  /** The true duration of Site Recovery's job, in seconds. */
  readonly durationSeconds: number;
}

export interface WriteBudget {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Floor {
  /**
   * A write goes as soon as the budget has room and its group may start. A group ends with its last
   * job.
   */
  readonly seconds: number;
  /** The budget alone: the time when the last write has room. */
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
    // The bucket refilled while the group before ran to its end.
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

/** The value that this percentage of the values does not exceed. */
export function percentile(values: readonly number[], hundredths: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((hundredths / 100) * sorted.length) - 1)] ?? null;
}
