// Limits the listeners that wait at the same time: in total and for each caller. So one caller
// cannot block the others.

/** The limits of the waiting slots. */
export interface ListenerSlotLimits {
  readonly total: number;
  readonly perCaller: number;
}

/** Counts the waiting slots in use. */
export class ListenerSlots {
  readonly #limits: ListenerSlotLimits;
  readonly #usedByCaller = new Map<string, number>();
  #used = 0;

  constructor(limits: ListenerSlotLimits) {
    this.#limits = limits;
  }

  /** Gives the function that frees the slot, once. Undefined: this caller has no free slot. */
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
