// What stands wrong in the world at the moment, as the fault rules order it.

import type { Condition, Faults } from '../wire/fault.ts';
import type { Power } from './build/machines.ts';
import type { Resource } from './resource.ts';

export type Darkness = Extract<Condition, { kind: 'regionDark' }>;

/** What is wrong with a region that does not answer. */
export const darknessOf = (faults: Faults, region: string | undefined): Darkness | undefined =>
  region === undefined
    ? undefined
    : faults
        .standing()
        .find((one): one is Darkness & { vm?: string } => one.kind === 'regionDark' && one.region === region);

export const isDark = (faults: Faults, region: string | undefined): boolean =>
  darknessOf(faults, region) !== undefined;

export const isQuotaGone = (faults: Faults, region: string, family: string): boolean =>
  faults
    .standing()
    .some(
      (one) =>
        one.kind === 'quotaGone' &&
        one.region === region &&
        (one.family === undefined || one.family.toLowerCase() === family.toLowerCase()),
    );

/** How a machine truly stands. */
export function powerOf(faults: Faults, machine: Resource): Power {
  const taken = faults
    .standing()
    .some((one) => one.kind === 'deallocated' && one.vm?.toLowerCase() === machine.name.toLowerCase());
  return taken ? 'deallocated' : ((machine.hidden?.['power'] as Power | undefined) ?? 'running');
}
