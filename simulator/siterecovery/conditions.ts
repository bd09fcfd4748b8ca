// What stands wrong in the world, and since when: Site Recovery notices it at the next thing that
// it is asked or does.

import { isDark, powerOf } from '../arm/conditions.ts';
import type { Resource } from '../arm/resource.ts';
import type { Condition, Faults } from '../wire/fault.ts';
import type { Store } from './store.ts';

const SETTING = 'standing';

const keyOf = (condition: Condition & { readonly vm?: string }): string =>
  `${condition.kind} ${'region' in condition ? condition.region : (condition.vm ?? '')}`.toLowerCase();

export class Conditions {
  readonly faults: Faults;
  readonly #store: Store;

  constructor(store: Store, faults: Faults) {
    this.#store = store;
    this.faults = faults;
  }

  notice(now: number): void {
    const known = this.#known();
    const standing = this.faults.standing().map(keyOf);
    if (standing.length === Object.keys(known).length && standing.every((key) => key in known)) return;
    this.#store.putSetting(SETTING, Object.fromEntries(standing.map((key) => [key, known[key] ?? now])));
  }

  isDark(region: string): boolean {
    return isDark(this.faults, region);
  }

  isSilent(machine: Resource | undefined, region: string): boolean {
    return this.isDark(region) || (machine !== undefined && powerOf(this.faults, machine) !== 'running');
  }

  /**
   * Since when nothing comes from a machine: its region is dark, or it does not run; undefined as
   * long as something does.
   */
  silentSince(machine: Resource | undefined, region: string): number | undefined {
    const known = this.#known();
    if (!this.isSilent(machine, region)) return undefined;
    if (!machine || this.isDark(region)) return known[`regiondark ${region.toLowerCase()}`];
    return (
      known[`deallocated ${machine.name.toLowerCase()}`] ??
      (machine.hidden?.['powerSince'] as number | undefined)
    );
  }

  #known(): Readonly<Record<string, number>> {
    return (this.#store.setting(SETTING) ?? {}) as Record<string, number>;
  }
}
