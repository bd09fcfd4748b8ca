// Limits the rate of ARM writes with a token bucket. All jobs of a subscription share one bucket.

/** The size of a token bucket and its refill rate. */
export interface BudgetLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/** The stored level of a token bucket. */
export interface Budget {
  readonly tokens: number;
  /** The simulated time of the reading of `tokens`, in milliseconds. */
  readonly at: number;
}

/** The result of a reservation. */
export interface TokenReservation {
  readonly granted: number;
  /** Seconds until the next sensible request; 0 when the bucket granted all tokens. */
  readonly waitSeconds: number;
  readonly budget: Budget;
}

/** Reserves tokens. `keptForUrgent`: this many tokens stay in the bucket for urgent writes. */
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
  // Wait for at most half of the bucket: a full bucket loses its further refill.
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
