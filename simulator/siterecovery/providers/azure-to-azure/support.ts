// The supported targets of Azure to Azure: machine sizes and operating systems.

import type { Vault } from '../../vault.ts';
import { sizeBodies } from '../common/target-sizes.ts';
import { otherSide, type AzureToAzureItem } from './details.ts';

/** Returns the sizes of the target region that fit the machine. */
export const targetSizes = ({ details }: AzureToAzureItem, vault: Vault) =>
  sizeBodies(vault, details.regions[otherSide(details.primary)], {
    dataDisks: details.disks.filter(({ isSystem }) => !isSystem).length,
    nics: details.nics.length,
  });

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
