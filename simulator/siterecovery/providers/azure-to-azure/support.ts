// The supported targets of Azure to Azure: machine sizes and operating systems.

import { isSizeOffered } from '../../../arm/capacity.ts';
import { findSize, SIZES, type VmSize } from '../../../arm/sizes.ts';
import type { Vault } from '../../vault.ts';
import { otherSide, type AzureToAzureItem } from './details.ts';

interface SizeRequirements {
  readonly dataDisks: number;
  readonly nics: number;
}

/** Returns the sizes of a region that fit the machine. */
function suitableSizes(vault: Vault, regionName: string, { dataDisks, nics }: SizeRequirements): VmSize[] {
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

export function targetSizes({ details }: AzureToAzureItem, vault: Vault) {
  const needs = {
    dataDisks: details.disks.filter(({ isSystem }) => !isSystem).length,
    nics: details.nics.length,
  };
  return suitableSizes(vault, details.regions[otherSide(details.primary)], needs).map(
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
}

const operatingSystem = (
  osName: string,
  osType: string,
  versions: readonly (readonly [version: string, servicePack: string])[],
) => ({ osName, osType, osVersions: versions.map(([version, servicePack]) => ({ version, servicePack })) });

export const OPERATING_SYSTEMS = [
  operatingSystem('Windows Server', 'Windows', [
    ['2012', ''],
    ['2012 R2', ''],
    ['2016', ''],
    ['2019', ''],
    ['2022', ''],
  ]),
  operatingSystem('Red Hat Enterprise Linux', 'Linux', [
    ['7', ''],
    ['8', ''],
    ['9', ''],
  ]),
  operatingSystem('Ubuntu', 'Linux', [
    ['18.04', 'LTS'],
    ['20.04', 'LTS'],
    ['22.04', 'LTS'],
  ]),
  operatingSystem('SUSE Linux Enterprise Server', 'Linux', [
    ['12', 'SP5'],
    ['15', 'SP4'],
  ]),
  operatingSystem('Debian', 'Linux', [
    ['10', ''],
    ['11', ''],
  ]),
];
