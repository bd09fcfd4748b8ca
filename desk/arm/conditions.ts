// What stands wrong in the world at the moment, as the fault rules order it.

import type { Faults } from '../wire/fault.ts';
import type { Power } from './build/machines.ts';
import type { Resource } from './world.ts';

export const isDark = (faults: Faults, region: string | undefined): boolean =>
  region !== undefined && faults.standing().some((one) => one.kind === 'regionDark' && one.region === region);

export const isQuotaGone = (faults: Faults, region: string, family: string): boolean =>
  faults.standing().some((one) => one.kind === 'quotaGone' && one.region === region && (one.family === undefined || one.family.toLowerCase() === family.toLowerCase()));

/** How a machine truly stands. */
export function powerOf(faults: Faults, machine: Resource): Power {
  const taken = faults.standing().some((one) => one.kind === 'deallocated' && one.vm?.toLowerCase() === machine.name.toLowerCase());
  return taken ? 'deallocated' : ((machine.hidden?.['power'] as Power | undefined) ?? 'running');
}
