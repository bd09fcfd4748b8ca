// The settings of the machine in Azure, as the bodies of enable and update name them.

import type { VmwareInput } from './details.ts';
import { optionalText } from './shapes.ts';

type Settings = NonNullable<VmwareInput['settings']>;
type SettingNames = Readonly<Record<string, keyof Settings>>;

const MODERN_NAMES = {
  targetVmName: 'machineName',
  targetVmSize: 'size',
  targetResourceGroupId: 'resourceGroupId',
  targetNetworkId: 'networkId',
  testNetworkId: 'testNetworkId',
  targetAvailabilitySetId: 'availabilitySetId',
  targetAvailabilityZone: 'zone',
  targetProximityPlacementGroupId: 'placementGroupId',
  targetBootDiagnosticsStorageAccountId: 'bootDiagnosticsAccountId',
  licenseType: 'licenseType',
} as const satisfies SettingNames;

const CLASSIC_NAMES = {
  targetAzureVmName: 'machineName',
  recoveryAzureVMName: 'machineName',
  targetVmSize: 'size',
  recoveryAzureVMSize: 'size',
  targetAzureV2ResourceGroupId: 'resourceGroupId',
  recoveryAzureV2ResourceGroupId: 'resourceGroupId',
  targetAzureNetworkId: 'networkId',
  selectedRecoveryAzureNetworkId: 'networkId',
  selectedTfoAzureNetworkId: 'testNetworkId',
  targetAvailabilitySetId: 'availabilitySetId',
  recoveryAvailabilitySetId: 'availabilitySetId',
  targetAvailabilityZone: 'zone',
  targetProximityPlacementGroupId: 'placementGroupId',
  storageAccountId: 'storageAccountId',
  licenseType: 'licenseType',
} as const satisfies SettingNames;

const fieldsOf = <Names extends SettingNames>(names: Names) =>
  Object.fromEntries(Object.keys(names).map((name) => [name, optionalText])) as Record<
    keyof Names & string,
    typeof optionalText
  >;

export const modernSettings = fieldsOf(MODERN_NAMES);
export const classicSettings = fieldsOf(CLASSIC_NAMES);

/** Returns only the given settings. */
const settingsReader =
  (names: SettingNames) =>
  (given: Readonly<Record<string, unknown>>): Settings =>
    Object.fromEntries(
      Object.entries(names).flatMap(([theirs, ours]) =>
        given[theirs] === undefined ? [] : [[ours, given[theirs]]],
      ),
    );

export const modernUpdate = settingsReader(MODERN_NAMES);
export const classicUpdate = settingsReader(CLASSIC_NAMES);
