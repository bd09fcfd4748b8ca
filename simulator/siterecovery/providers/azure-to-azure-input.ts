// What clients send for the operations of Azure to Azure, and what of it counts.

import * as z from 'zod';

import type { ReadBody } from '../provider.ts';
import type { AzureToAzureInput, DiskInput, NicAddress, NicChange } from './azure-to-azure-details.ts';

const text = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value));
const instanceType = z.literal('A2A');

const managedDisk = z
  .object({
    diskId: z.string().min(1),
    primaryStagingAzureStorageAccountId: z.string(),
    recoveryResourceGroupId: z.string(),
    recoveryReplicaDiskAccountType: text,
    recoveryTargetDiskAccountType: text,
    recoveryDiskEncryptionSetId: text,
  })
  .transform((disk): DiskInput => ({
    diskId: disk.diskId,
    managed: true,
    stagingAccountId: disk.primaryStagingAzureStorageAccountId,
    recoveryPlaceId: disk.recoveryResourceGroupId,
    replicaAccountType: disk.recoveryReplicaDiskAccountType,
    targetAccountType: disk.recoveryTargetDiskAccountType,
    encryptionSetId: disk.recoveryDiskEncryptionSetId,
  }));

const unmanagedDisk = z
  .object({
    diskUri: z.string().min(1),
    recoveryAzureStorageAccountId: z.string(),
    primaryStagingAzureStorageAccountId: z.string(),
  })
  .transform((disk): DiskInput => ({
    diskId: disk.diskUri,
    managed: false,
    stagingAccountId: disk.primaryStagingAzureStorageAccountId,
    recoveryPlaceId: disk.recoveryAzureStorageAccountId,
  }));

const disks = { vmManagedDisks: z.array(managedDisk).nullish(), vmDisks: z.array(unmanagedDisk).nullish() };
const disksOf = (given: {
  vmManagedDisks?: DiskInput[] | null | undefined;
  vmDisks?: DiskInput[] | null | undefined;
}): DiskInput[] | undefined =>
  given.vmManagedDisks || given.vmDisks
    ? [...(given.vmManagedDisks ?? []), ...(given.vmDisks ?? [])]
    : undefined;

/** Where the machine goes, as enabling and reprotecting say it alike. */
const placement = {
  recoveryContainerId: text,
  recoveryResourceGroupId: text,
  recoveryCloudServiceId: text,
  recoveryAvailabilitySetId: text,
  recoveryProximityPlacementGroupId: text,
  recoveryAvailabilityZone: text,
  recoveryBootDiagStorageAccountId: text,
  recoveryVirtualMachineScaleSetId: text,
  recoveryCapacityReservationGroupId: text,
};

type Given = Readonly<Record<string, string | undefined>>;
const NAMES = {
  recoveryResourceGroupId: 'resourceGroupId',
  recoveryCloudServiceId: 'cloudServiceId',
  recoveryAvailabilitySetId: 'availabilitySetId',
  recoveryProximityPlacementGroupId: 'placementGroupId',
  recoveryAvailabilityZone: 'zone',
  recoveryBootDiagStorageAccountId: 'bootDiagnosticsAccountId',
  recoveryVirtualMachineScaleSetId: 'scaleSetId',
  recoveryCapacityReservationGroupId: 'capacityReservationGroupId',
  recoveryAzureNetworkId: 'networkId',
  selectedRecoveryAzureNetworkId: 'networkId',
  selectedTfoAzureNetworkId: 'testNetworkId',
  recoveryAzureVMName: 'machineName',
  recoveryAzureVMSize: 'size',
  tfoAzureVMName: 'testMachineName',
  licenseType: 'licenseType',
} as const;

/** Only what was given. */
function settingsFrom(given: Given): AzureToAzureInput['settings'] {
  const entries = Object.entries(NAMES).flatMap(([theirs, ours]) =>
    given[theirs] === undefined ? [] : [[ours, given[theirs]]],
  );
  return Object.fromEntries(entries) as AzureToAzureInput['settings'];
}

const properties = <Shape extends z.ZodType>(shape: Shape) => z.object({ properties: shape });
const details = <Shape extends z.ZodRawShape>(shape: Shape) => z.object({ instanceType, ...shape });

const enable = properties(
  z.object({
    policyId: z.string().min(1),
    providerSpecificDetails: details({
      ...placement,
      ...disks,
      fabricObjectId: z.string().min(1),
      recoveryContainerId: z.string().min(1),
      recoveryAzureNetworkId: text,
      recoverySubnetName: text,
      multiVmGroupName: text,
      multiVmGroupId: text,
    }),
  }),
).transform(({ properties: { policyId, providerSpecificDetails: given } }): AzureToAzureInput => ({
  policyId,
  machineId: given.fabricObjectId,
  recoveryContainerId: given.recoveryContainerId,
  disks: disksOf(given),
  groupId: given.multiVmGroupId,
  groupName: given.multiVmGroupName,
  recoverySubnetName: given.recoverySubnetName,
  settings: settingsFrom(given as unknown as Given),
}));

const switchprotection = properties(
  z.object({
    replicationProtectedItemName: z.string().min(1),
    providerSpecificDetails: details({
      ...placement,
      ...disks,
      policyId: z.string(),
      recoveryContainerId: z.string(),
    }),
  }),
).transform(({ properties: { providerSpecificDetails: given } }): AzureToAzureInput => ({
  policyId: given.policyId,
  recoveryContainerId: given.recoveryContainerId,
  disks: disksOf(given),
  settings: settingsFrom(given as unknown as Given),
}));

const ipConfig = z
  .object({
    ipConfigName: text,
    isPrimary: z.boolean().nullish(),
    recoverySubnetName: text,
    recoveryStaticIPAddress: text,
    recoveryPublicIPAddressId: text,
    recoveryLBBackendAddressPoolIds: z.array(z.string()).nullish(),
    tfoSubnetName: text,
    tfoStaticIPAddress: text,
    tfoPublicIPAddressId: text,
    tfoLBBackendAddressPoolIds: z.array(z.string()).nullish(),
  })
  .transform((given): Partial<NicAddress> =>
    known({
      name: given.ipConfigName,
      isPrimary: given.isPrimary ?? undefined,
      recoverySubnetName: given.recoverySubnetName,
      recoveryAddress: given.recoveryStaticIPAddress,
      recoveryPublicAddressId: given.recoveryPublicIPAddressId,
      recoveryPoolIds: given.recoveryLBBackendAddressPoolIds ?? undefined,
      testSubnetName: given.tfoSubnetName,
      testAddress: given.tfoStaticIPAddress,
      testPublicAddressId: given.tfoPublicIPAddressId,
      testPoolIds: given.tfoLBBackendAddressPoolIds ?? undefined,
    }),
  );

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? undefined);
const nic = z
  .object({
    nicId: z.string().min(1),
    ipConfigs: z.array(ipConfig).nullish(),
    selectionType: text,
    recoveryNetworkSecurityGroupId: text,
    enableAcceleratedNetworkingOnRecovery: flag,
    tfoNetworkSecurityGroupId: text,
    enableAcceleratedNetworkingOnTfo: flag,
    recoveryNicName: text,
    recoveryNicResourceGroupName: text,
    reuseExistingNic: flag,
    tfoNicName: text,
    tfoNicResourceGroupName: text,
    tfoReuseExistingNic: flag,
    targetNicName: text,
  })
  .transform((given): NicChange => ({
    id: given.nicId,
    ...known({
      addresses: given.ipConfigs ?? undefined,
      selection: given.selectionType,
      recoverySecurityGroupId: given.recoveryNetworkSecurityGroupId,
      recoveryAcceleration: given.enableAcceleratedNetworkingOnRecovery,
      testSecurityGroupId: given.tfoNetworkSecurityGroupId,
      testAcceleration: given.enableAcceleratedNetworkingOnTfo,
      recoveryName: given.recoveryNicName,
      recoveryGroupName: given.recoveryNicResourceGroupName,
      reuse: given.reuseExistingNic,
      testName: given.tfoNicName,
      testGroupName: given.tfoNicResourceGroupName,
      testReuse: given.tfoReuseExistingNic,
      targetName: given.targetNicName,
    }),
  }));

/** Without what is undefined, so that it overrides nothing. */
function known<T extends object>(given: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

const diskChange = z
  .object({
    diskId: z.string(),
    recoveryTargetDiskAccountType: text,
    recoveryReplicaDiskAccountType: text,
    failoverDiskName: text,
    tfoDiskName: text,
  })
  .transform((given) => ({
    id: given.diskId,
    ...known({
      targetAccountType: given.recoveryTargetDiskAccountType,
      replicaAccountType: given.recoveryReplicaDiskAccountType,
      failoverName: given.failoverDiskName,
      testName: given.tfoDiskName,
    }),
  }));

const update = properties(
  z.object({
    recoveryAzureVMName: text,
    recoveryAzureVMSize: text,
    selectedRecoveryAzureNetworkId: text,
    selectedTfoAzureNetworkId: text,
    recoveryAvailabilitySetId: text,
    licenseType: text,
    vmNics: z.array(nic).nullish(),
    providerSpecificDetails: details({
      recoveryResourceGroupId: text,
      recoveryCloudServiceId: text,
      recoveryBootDiagStorageAccountId: text,
      tfoAzureVMName: text,
      recoveryProximityPlacementGroupId: text,
      recoveryVirtualMachineScaleSetId: text,
      recoveryCapacityReservationGroupId: text,
      managedDiskUpdateDetails: z.array(diskChange).nullish(),
    }).nullish(),
  }),
).transform(({ properties: { providerSpecificDetails, vmNics, ...given } }): AzureToAzureInput => ({
  settings: {
    ...settingsFrom(given as Given),
    ...settingsFrom((providerSpecificDetails ?? {}) as unknown as Given),
  },
  nics: vmNics ?? undefined,
  diskChanges: providerSpecificDetails?.managedDiskUpdateDetails ?? undefined,
}));

const direction = z.literal('PrimaryToRecovery').nullish();
const unplannedFailover = properties(
  z.object({
    failoverDirection: direction,
    sourceSiteOperations: z.enum(['Required', 'NotRequired']).nullish(),
    providerSpecificDetails: details({ recoveryPointId: text }),
  }),
).transform(
  ({
    properties: {
      sourceSiteOperations,
      providerSpecificDetails: { recoveryPointId },
    },
  }): AzureToAzureInput => ({ shutsDownSource: sourceSiteOperations === 'Required', recoveryPointId }),
);

const testFailover = properties(
  z.object({
    failoverDirection: direction,
    networkType: text,
    networkId: text,
    providerSpecificDetails: details({ recoveryPointId: text }).nullish(),
  }),
).transform(({ properties: { networkId, providerSpecificDetails } }): AzureToAzureInput => ({
  networkId,
  recoveryPointId: providerSpecificDetails?.recoveryPointId,
}));

const testFailoverCleanup = properties(z.object({ comments: text })).transform(
  ({ properties: { comments } }): AzureToAzureInput => ({ comments }),
);

const applyRecoveryPoint = properties(
  z.object({ recoveryPointId: z.string().min(1), providerSpecificDetails: details({}).nullish() }),
).transform(({ properties: { recoveryPointId } }): AzureToAzureInput => ({ recoveryPointId }));

const addDisks = properties(z.object({ providerSpecificDetails: details(disks) })).transform(
  ({ properties: { providerSpecificDetails } }): AzureToAzureInput => ({
    disks: disksOf(providerSpecificDetails),
  }),
);

const removeDisks = properties(
  z.object({
    providerSpecificDetails: details({
      vmManagedDisksIds: z.array(z.string()).nullish(),
      vmDisksUris: z.array(z.string()).nullish(),
    }),
  }),
).transform(({ properties: { providerSpecificDetails: given } }): AzureToAzureInput => ({
  diskIds: [...(given.vmManagedDisksIds ?? []), ...(given.vmDisksUris ?? [])],
}));

const READERS: Readonly<Record<string, z.ZodType<AzureToAzureInput>>> = {
  enable,
  switchprotection,
  update,
  unplannedFailover,
  testFailover,
  testFailoverCleanup,
  applyRecoveryPoint,
  addDisks,
  removeDisks,
};

/** A recovery plan names a kind of point for all of its machines. */
const planFailover = properties(
  z.object({
    /** Seen from the plan, whose machines may live on either side by now. */
    failoverDirection: z.enum(['PrimaryToRecovery', 'RecoveryToPrimary']).nullish(),
    sourceSiteOperations: z.enum(['Required', 'NotRequired']).nullish(),
    networkId: text,
    providerSpecificDetails: z
      .array(
        z.object({
          instanceType,
          recoveryPointType: z.enum([
            'Latest',
            'LatestApplicationConsistent',
            'LatestCrashConsistent',
            'LatestProcessed',
          ]),
          multiVmSyncPointOption: z.enum(['UseMultiVmSyncRecoveryPoint', 'UsePerVmRecoveryPoint']).nullish(),
        }),
      )
      .nullish(),
  }),
).transform(
  ({ properties: { sourceSiteOperations, networkId, providerSpecificDetails } }): AzureToAzureInput => ({
    shutsDownSource: sourceSiteOperations === 'Required',
    networkId,
    recoveryPointKind: providerSpecificDetails?.[0]?.recoveryPointType,
    sharedPoint: providerSpecificDetails?.[0]?.multiVmSyncPointOption === 'UseMultiVmSyncRecoveryPoint',
  }),
);

const firstProblem = (error: z.ZodError): string => {
  const [issue] = error.issues;
  return issue
    ? `The value of '${issue.path.join('.')}' is not valid: ${issue.message}`
    : 'The request body is not valid.';
};

function read(reader: z.ZodType<AzureToAzureInput> | undefined, body: unknown): ReadBody {
  if (!reader) return { input: {} };
  const found = reader.safeParse(body);
  return found.success ? { input: found.data } : { problem: firstProblem(found.error) };
}

export const readBody = (operation: string, body: unknown): ReadBody => read(READERS[operation], body);
export const readPlanBody = (operation: string, body: unknown): ReadBody =>
  read(operation === 'unplannedFailover' || operation === 'testFailover' ? planFailover : undefined, body);
