// How many ARM writes may go out now: a token bucket, shared by all jobs of a subscription.

export interface BudgetRule {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Budget {
  readonly tokens: number;
  /** Story time in milliseconds at which `tokens` was true. */
  readonly at: number;
}

export interface Grant {
  readonly granted: number;
  /** Seconds after which it is worth asking again, when not everything was granted. */
  readonly waitSeconds: number;
  readonly budget: Budget;
}

/** `keep` of the tokens are left for what is more urgent. */
export function reserve(
  budget: Budget | undefined,
  rule: BudgetRule,
  want: number,
  now: number,
  keep = 0,
): Grant {
  const known = budget ?? { tokens: rule.burst, at: now };
  const elapsed = Math.max(0, now - known.at) / 1000;
  const tokens = Math.min(rule.burst, known.tokens + elapsed * rule.perSecond);
  const free = Math.max(0, tokens - keep);
  const granted = Math.min(want, Math.floor(free));
  // A bucket that is waited for until it is full has run over meanwhile.
  const missing = Math.min(want - granted, Math.ceil((rule.burst - keep) / 2));
  return {
    granted,
    waitSeconds:
      missing === 0 ? 0 : Math.ceil(Math.max(1, (missing - (tokens - keep - granted)) / rule.perSecond)),
    budget: { tokens: tokens - granted, at: Math.max(now, known.at) },
  };
}
