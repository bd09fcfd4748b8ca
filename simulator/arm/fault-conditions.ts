// What stands wrong in the world at the moment, as the fault rules order it.

import type { FaultCondition, Faults } from '../wire/fault.ts';
import type { Power } from './build/machines.ts';
import type { Resource } from './resource.ts';

export type RegionDarkFault = Extract<FaultCondition, { kind: 'regionDark' }>;

/** What is wrong with a region that does not answer. */
export const regionDarkFault = (faults: Faults, region: string | undefined): RegionDarkFault | undefined =>
  region === undefined
    ? undefined
    : faults
        .activeConditions()
        .find(
          (one): one is RegionDarkFault & { vm?: string } =>
            one.kind === 'regionDark' && one.region === region,
        );

export const isRegionDark = (faults: Faults, region: string | undefined): boolean =>
  regionDarkFault(faults, region) !== undefined;

export const isQuotaExhausted = (faults: Faults, region: string, family: string): boolean =>
  faults
    .activeConditions()
    .some(
      (one) =>
        one.kind === 'quotaGone' &&
        one.region === region &&
        (one.family === undefined || one.family.toLowerCase() === family.toLowerCase()),
    );

/** How a machine truly stands. */
export function powerOf(faults: Faults, machine: Resource): Power {
  const isDeallocated = faults
    .activeConditions()
    .some((one) => one.kind === 'deallocated' && one.vm?.toLowerCase() === machine.name.toLowerCase());
  return isDeallocated ? 'deallocated' : ((machine.hidden?.['power'] as Power | undefined) ?? 'running');
}
