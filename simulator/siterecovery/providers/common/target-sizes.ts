// The sizes of the target region that fit a machine.

import { isSizeOffered } from '../../../arm/capacity.ts';
import { findSize, SIZES, type VmSize } from '../../../arm/sizes.ts';
import type { Vault } from '../../vault.ts';

export interface SizeRequirements {
  readonly dataDisks: number;
  readonly nics: number;
}

/** Returns the sizes of a region that fit the machine. */
export function suitableSizes(
  vault: Vault,
  regionName: string,
  { dataDisks, nics }: SizeRequirements,
): VmSize[] {
  const region = vault.azure.region(regionName);
  return SIZES.filter(
    (size) =>
      size.dataDisks >= dataDisks &&
      size.nics >= nics &&
      region !== undefined &&
      isSizeOffered(region, size.name),
  );
}

/** Returns the machine's own size, or the closest size when the region does not sell it. */
export function chooseSize(
  vault: Vault,
  regionName: string,
  wanted: string,
  needs: SizeRequirements,
): string {
  const size = findSize(wanted);
  const region = vault.azure.region(regionName);
  if (!size || !region || isSizeOffered(region, size.name)) return wanted;
  const distance = (other: VmSize): number =>
    Math.abs(other.vCpus - size.vCpus) * 1000 + Math.abs(other.memoryInGb - size.memoryInGb);
  return (
    suitableSizes(vault, regionName, needs).toSorted((left, right) => distance(left) - distance(right))[0]
      ?.name ?? wanted
  );
}

/** Prints the suitable sizes as the API does. */
export const sizeBodies = (vault: Vault, regionName: string, needs: SizeRequirements) =>
  suitableSizes(vault, regionName, needs).map(
    ({ name, vCpus, memoryInGb, dataDisks, nics, premiumStorage, generations }) => ({
      name,
      friendlyName: name,
      cpuCoresCount: vCpus,
      vCPUsAvailable: vCpus,
      memoryInGB: memoryInGb,
      maxDataDiskCount: dataDisks,
      maxNicsCount: nics,
      errors: [],
      highIopsSupported: premiumStorage ? 'Yes' : 'No',
      hyperVGenerations: generations.split(','),
    }),
  );
