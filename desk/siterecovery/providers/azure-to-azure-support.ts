// What Azure to Azure can be aimed at: sizes of machines, operating systems.

import type { ItemRecord } from '../records.ts';

interface Size { readonly name: string; readonly cores: number; readonly memory: number; readonly dataDisks: number; readonly nics: number; readonly premium: boolean }

const series = (prefix: string, suffix: string, cores: readonly number[], memoryPerCore: number, premium: boolean): Size[] =>
  cores.map((count) => ({ name: `Standard_${prefix}${count}${suffix}`, cores: count, memory: count * memoryPerCore, dataDisks: Math.min(32, count * 2), nics: Math.min(8, Math.max(2, count / 2)), premium }));

const SIZES: readonly Size[] = [
  ...series('B', 'ms', [1, 2, 4, 8], 4, true),
  ...series('D', 's_v3', [2, 4, 8, 16, 32], 4, true),
  ...series('D', 's_v5', [2, 4, 8, 16, 32, 64], 4, true),
  ...series('E', 's_v5', [2, 4, 8, 16, 32, 64], 8, true),
  ...series('F', 's_v2', [2, 4, 8, 16, 32], 2, true),
  ...series('A', '_v2', [1, 2, 4, 8], 2, false),
];

export function targetSizes({ details }: ItemRecord) {
  const needed = details.disks.filter(({ isSystem }) => !isSystem).length;
  const fits = ({ dataDisks, nics }: Size): boolean => dataDisks >= needed && nics >= details.nics.length;
  return SIZES.filter(fits).map(({ name, cores, memory, dataDisks, nics, premium }) => ({
    name,
    friendlyName: name,
    cpuCoresCount: cores,
    vCPUsAvailable: cores,
    memoryInGB: memory,
    maxDataDiskCount: dataDisks,
    maxNicsCount: nics,
    errors: [],
    highIopsSupported: premium ? 'Yes' : 'No',
    hyperVGenerations: premium ? ['V1', 'V2'] : ['V1'],
  }));
}

const system = (osName: string, osType: string, versions: readonly (readonly [version: string, servicePack: string])[]) =>
  ({ osName, osType, osVersions: versions.map(([version, servicePack]) => ({ version, servicePack })) });

export const OPERATING_SYSTEMS = [
  system('Windows Server', 'Windows', [['2012', ''], ['2012 R2', ''], ['2016', ''], ['2019', ''], ['2022', '']]),
  system('Red Hat Enterprise Linux', 'Linux', [['7', ''], ['8', ''], ['9', '']]),
  system('Ubuntu', 'Linux', [['18.04', 'LTS'], ['20.04', 'LTS'], ['22.04', 'LTS']]),
  system('SUSE Linux Enterprise Server', 'Linux', [['12', 'SP5'], ['15', 'SP4']]),
  system('Debian', 'Linux', [['10', ''], ['11', '']]),
];
