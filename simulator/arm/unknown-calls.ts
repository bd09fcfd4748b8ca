// Stores the requests that the simulator does not know. So a test can check that there are none.

import type { AzureWorld } from './world.ts';

export interface UnknownCall {
  readonly method: string;
  readonly path: string;
  readonly at: number;
}

const KEY_PREFIX = 'unknown:';

export class UnknownCalls {
  readonly #world: AzureWorld;
  #count: number;

  constructor(world: AzureWorld) {
    this.#world = world;
    this.#count = this.list().length;
  }

  add(call: UnknownCall): void {
    this.#count += 1;
    this.#world.keyValues.put(`${KEY_PREFIX}${this.#count}`, call);
  }

  list(): UnknownCall[] {
    return this.#world.keyValues.list(KEY_PREFIX) as UnknownCall[];
  }
}
