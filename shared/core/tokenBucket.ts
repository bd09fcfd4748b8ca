// How many ARM writes may go out now: a token bucket, shared by all jobs of a subscription.

export interface BudgetLimit {
  readonly burst: number;
  readonly perSecond: number;
}

export interface Budget {
  readonly tokens: number;
  /** Story time in milliseconds at which `tokens` was true. */
  readonly at: number;
}

export interface TokenReservation {
  readonly granted: number;
  /** Seconds after which it is worth asking again, when not everything was granted. */
  readonly waitSeconds: number;
  readonly budget: Budget;
}

/** `keep` of the tokens are left for what is more urgent. */
export function reserveTokens(
  budget: Budget | undefined,
  limit: BudgetLimit,
  wanted: number,
  now: number,
  keptForUrgent = 0,
): TokenReservation {
  const current = budget ?? { tokens: limit.burst, at: now };
  const elapsed = Math.max(0, now - current.at) / 1000;
  const tokens = Math.min(limit.burst, current.tokens + elapsed * limit.perSecond);
  const available = Math.max(0, tokens - keptForUrgent);
  const granted = Math.min(wanted, Math.floor(available));
  // A bucket that is waited for until it is full has run over meanwhile.
  const missing = Math.min(wanted - granted, Math.ceil((limit.burst - keptForUrgent) / 2));
  return {
    granted,
    waitSeconds:
      missing === 0
        ? 0
        : Math.ceil(Math.max(1, (missing - (tokens - keptForUrgent - granted)) / limit.perSecond)),
    budget: { tokens: tokens - granted, at: Math.max(now, current.at) },
  };
}
