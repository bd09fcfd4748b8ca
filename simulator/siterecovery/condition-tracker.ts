// Records the active fault conditions and their start times. Site Recovery notices a condition at
// its next request or its next job step.

import { isRegionDark, powerOf } from '../arm/fault-conditions.ts';
import type { Resource } from '../arm/resource.ts';
import type { FaultCondition, Faults } from '../wire/fault.ts';
import type { SiteRecoveryStore } from './store.ts';

const CONDITIONS_SETTING = 'standing';

function keyOf(condition: FaultCondition & { readonly vm?: string }): string {
  if ('region' in condition) return `${condition.kind} ${condition.region}`.toLowerCase();
  return `${condition.kind} ${'server' in condition ? condition.server : (condition.vm ?? '')}`.toLowerCase();
}

export class ConditionTracker {
  readonly faults: Faults;
  readonly #store: SiteRecoveryStore;

  constructor(store: SiteRecoveryStore, faults: Faults) {
    this.#store = store;
    this.faults = faults;
  }

  recordConditions(now: number): void {
    const known = this.#known();
    const standing = this.faults.activeConditions().map(keyOf);
    if (standing.length === Object.keys(known).length && standing.every((key) => key in known)) return;
    this.#store.putSetting(
      CONDITIONS_SETTING,
      Object.fromEntries(standing.map((key) => [key, known[key] ?? now])),
    );
  }

  isRegionDark(region: string): boolean {
    return isRegionDark(this.faults, region);
  }

  isUnreachable(machine: Resource | undefined, region: string): boolean {
    return (
      this.isRegionDark(region) || (machine !== undefined && powerOf(this.faults, machine) !== 'running')
    );
  }

  /**
   * Returns since when a machine is unreachable: its region is dark, or it does not run. Undefined
   * for a reachable machine.
   */
  unreachableSince(machine: Resource | undefined, region: string): number | undefined {
    const known = this.#known();
    if (!this.isUnreachable(machine, region)) return undefined;
    if (!machine || this.isRegionDark(region)) return known[`regiondark ${region.toLowerCase()}`];
    return (
      known[`deallocated ${machine.name.toLowerCase()}`] ??
      (machine.hidden?.['powerSince'] as number | undefined)
    );
  }

  /** Returns since when a fault on a server or a machine of a company's own site lasts. */
  onPremisesFaultSince(kind: 'serverDark' | 'poweredOff', name: string): number | undefined {
    return this.#known()[`${kind} ${name}`.toLowerCase()];
  }

  #known(): Readonly<Record<string, number>> {
    return (this.#store.setting(CONDITIONS_SETTING) ?? {}) as Record<string, number>;
  }
}
