// Reads the current failures of regions, quotas and machines from the fault rules.

import type { FaultCondition, Faults } from '../wire/fault.ts';
import type { Power } from './build/machines.ts';
import type { Resource } from './resource.ts';

export type RegionDarkFault = Extract<FaultCondition, { kind: 'regionDark' }>;

/** Returns the fault of a region that does not answer. */
export const regionDarkFault = (faults: Faults, region: string | undefined): RegionDarkFault | undefined =>
  region === undefined
    ? undefined
    : faults
        .activeConditions()
        .find(
          (fault): fault is RegionDarkFault & { vm?: string } =>
            fault.kind === 'regionDark' && fault.region === region,
        );

/** Whether a fault rule makes the region not answer. */
export const isRegionDark = (faults: Faults, region: string | undefined): boolean =>
  regionDarkFault(faults, region) !== undefined;

export const isQuotaExhausted = (faults: Faults, region: string, family: string): boolean =>
  faults
    .activeConditions()
    .some(
      (fault) =>
        fault.kind === 'quotaGone' &&
        fault.region === region &&
        (fault.family === undefined || fault.family.toLowerCase() === family.toLowerCase()),
    );

/** Returns the true power state of a machine. A fault rule overrides the stored state. */
export function powerOf(faults: Faults, machine: Resource): Power {
  const isDeallocated = faults
    .activeConditions()
    .some((fault) => fault.kind === 'deallocated' && fault.vm?.toLowerCase() === machine.name.toLowerCase());
  return isDeallocated ? 'deallocated' : ((machine.hidden?.['power'] as Power | undefined) ?? 'running');
}
