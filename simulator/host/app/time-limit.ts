// The time limit of function calls, in milliseconds of wall time.

export class TimeLimit {
  readonly milliseconds: number;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(milliseconds: number) {
    this.milliseconds = milliseconds;
  }

  /**
   * Fails when the work takes longer than the limit. The work itself continues: nothing can end it
   * within the same process.
   */
  async apply<T>(work: Promise<T>, timeoutError: () => Error): Promise<T> {
    if (!Number.isFinite(this.milliseconds)) return await work;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(timeoutError()), this.milliseconds);
      this.#timers.add(timer);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      this.#remove(timer);
    }
  }

  /** Clears the timers of the running calls: a pending timer keeps the whole app in memory. */
  abandon(): void {
    for (const timer of this.#timers) this.#remove(timer);
  }

  #remove(timer: NodeJS.Timeout | undefined): void {
    clearTimeout(timer);
    if (timer) this.#timers.delete(timer);
  }
}
