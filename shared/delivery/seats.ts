// Who may wait at the same time: so many in all, and so many of each caller, so that one caller
// keeps nobody out.

export interface SeatLimits {
  readonly all: number;
  readonly ofOne: number;
}

export class Seats {
  readonly #limits: SeatLimits;
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(limits: SeatLimits) {
    this.#limits = limits;
  }

  /** How to give the seat back, once; undefined: none is free for this caller. */
  take(caller: string): (() => void) | undefined {
    const taken = this.#taken.get(caller) ?? 0;
    if (this.#all >= this.#limits.all || taken >= this.#limits.ofOne) return undefined;
    this.#change(caller, 1);
    return () => this.#change(caller, -1);
  }

  #change(caller: string, by: 1 | -1): void {
    this.#all += by;
    const taken = (this.#taken.get(caller) ?? 0) + by;
    if (taken === 0) this.#taken.delete(caller);
    else this.#taken.set(caller, taken);
  }
}
