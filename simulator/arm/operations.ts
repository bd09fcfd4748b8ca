// ARM's long operations. They take simulated time, callers can poll them, and they survive a kill.

import { randomUUID } from 'node:crypto';

import type { Alarm, SimulatedClock } from '../clock/simulated-clock.ts';
import type { AzureWorld } from './world.ts';
import type { Properties } from './resource.ts';

/** The change of the world at the end of an operation. */
export type Effect =
  | { readonly kind: 'settle'; readonly id: string }
  | { readonly kind: 'remove'; readonly id: string }
  /** Also removes all resources below this id. */
  | { readonly kind: 'removeWhole'; readonly id: string; readonly types: readonly string[] }
  | { readonly kind: 'power'; readonly id: string; readonly power: string };

export interface OperationFailure {
  readonly code: string;
  readonly message: string;
}

export interface OperationRecord {
  readonly id: string;
  readonly startedAt: number;
  readonly endsAt: number;
  readonly done: boolean;
  readonly effects: readonly Effect[];
  /** The result of the operation: a resource at that time, a body, a failure, or nothing. */
  readonly leadsTo:
    | { readonly resource: string }
    | { readonly body: unknown }
    | { readonly failure: OperationFailure }
    | 'nothing';
}

export type NewOperation = Pick<OperationRecord, 'effects' | 'leadsTo'> & { readonly seconds: number };

const operationKey = (id: string): string => `operation:${id}`;
const OPEN_KEY_PREFIX = 'open-operation:';

export class Operations {
  readonly #world: AzureWorld;
  readonly #clock: SimulatedClock;
  readonly #open = new Map<string, OperationRecord>();
  #alarm: Alarm | undefined;

  constructor(world: AzureWorld, clock: SimulatedClock) {
    this.#world = world;
    this.#clock = clock;
    for (const id of world.keyValues.list(OPEN_KEY_PREFIX) as string[]) {
      const record = this.get(id);
      if (record) this.#open.set(id, record);
    }
    this.#wake();
  }

  begin({ seconds, effects, leadsTo }: NewOperation): OperationRecord {
    const startedAt = this.#clock.now();
    const record: OperationRecord = {
      id: randomUUID(),
      startedAt,
      endsAt: startedAt + seconds * 1000,
      done: false,
      effects,
      leadsTo,
    };
    this.#world.keyValues.put(operationKey(record.id), record);
    this.#world.keyValues.put(`${OPEN_KEY_PREFIX}${record.id}`, record.id);
    this.#open.set(record.id, record);
    this.#wake();
    return record;
  }

  get(id: string): OperationRecord | undefined {
    return this.#world.keyValues.get(operationKey(id)) as OperationRecord | undefined;
  }

  /** Ends all due operations in the order of their ends. Returns the current time. */
  completeDue(): number {
    const now = this.#clock.now();
    const due = [...this.#open.values()]
      .filter((record) => record.endsAt <= now)
      .sort((a, b) => a.endsAt - b.endsAt);
    for (const record of due) this.#end(record);
    if (due.length > 0) this.#wake();
    return now;
  }

  close(): void {
    this.#alarm?.cancel();
  }

  #end(record: OperationRecord): void {
    this.#world.transaction(() => {
      for (const effect of record.effects) this.#apply(effect, record.endsAt);
      this.#world.keyValues.put(operationKey(record.id), { ...record, done: true });
      this.#world.keyValues.remove(`${OPEN_KEY_PREFIX}${record.id}`);
    });
    this.#open.delete(record.id);
  }

  #apply(effect: Effect, at: number): void {
    switch (effect.kind) {
      case 'settle':
        this.#change(effect.id, { provisioningState: 'Succeeded' });
        break;
      case 'power':
        this.#change(effect.id, { provisioningState: 'Succeeded' }, { power: effect.power, powerSince: at });
        break;
      case 'removeWhole':
        for (const type of effect.types)
          for (const { id } of this.#world.list({ type, under: effect.id })) this.#world.remove(id);
        this.#world.remove(effect.id);
        break;
      case 'remove':
        this.#world.remove(effect.id);
    }
  }

  /** Changes a resource. A removed resource stays removed. */
  #change(id: string, properties: Properties, hidden: Properties = {}): void {
    const resource = this.#world.get(id);
    if (resource)
      this.#world.put({
        ...resource,
        properties: { ...resource.properties, ...properties },
        hidden: { ...resource.hidden, ...hidden },
      });
  }

  #wake(): void {
    this.#alarm?.cancel();
    const next = Math.min(...[...this.#open.values()].map((record) => record.endsAt));
    this.#alarm = Number.isFinite(next) ? this.#clock.scheduleAt(next, () => this.completeDue()) : undefined;
  }
}
