// Who may wait at the same time: so many in all, and so many of each caller, so that one caller
// keeps nobody out.

export interface ListenerSlotLimits {
  readonly total: number;
  readonly perCaller: number;
}

export class ListenerSlots {
  readonly #limits: ListenerSlotLimits;
  readonly #usedByCaller = new Map<string, number>();
  #used = 0;

  constructor(limits: ListenerSlotLimits) {
    this.#limits = limits;
  }

  /** How to give the seat back, once; undefined: none is free for this caller. */
  acquire(caller: string): (() => void) | undefined {
    const taken = this.#usedByCaller.get(caller) ?? 0;
    if (this.#used >= this.#limits.total || taken >= this.#limits.perCaller) return undefined;
    this.#change(caller, 1);
    return () => this.#change(caller, -1);
  }

  #change(caller: string, by: 1 | -1): void {
    this.#used += by;
    const taken = (this.#usedByCaller.get(caller) ?? 0) + by;
    if (taken === 0) this.#usedByCaller.delete(caller);
    else this.#usedByCaller.set(caller, taken);
  }
}
