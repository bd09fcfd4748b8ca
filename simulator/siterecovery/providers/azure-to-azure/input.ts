// Parses the bodies of the Azure-to-Azure operations.

import * as z from 'zod';

import type { BodyResult } from '../../provider.ts';
import type { AzureToAzureInput, DiskInput, NicAddress, NicChange } from './details.ts';

const optionalText = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value));
const instanceType = z.literal('A2A');

const managedDisk = z
  .object({
    diskId: z.string().min(1),
    primaryStagingAzureStorageAccountId: z.string(),
    recoveryResourceGroupId: z.string(),
    recoveryReplicaDiskAccountType: optionalText,
    recoveryTargetDiskAccountType: optionalText,
    recoveryDiskEncryptionSetId: optionalText,
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

const diskFields = {
  vmManagedDisks: z.array(managedDisk).nullish(),
  vmDisks: z.array(unmanagedDisk).nullish(),
};
const toDisks = (body: {
  vmManagedDisks?: DiskInput[] | null | undefined;
  vmDisks?: DiskInput[] | null | undefined;
}): DiskInput[] | undefined =>
  body.vmManagedDisks || body.vmDisks ? [...(body.vmManagedDisks ?? []), ...(body.vmDisks ?? [])] : undefined;

/** The target placement of the machine. Enable and reprotect use the same fields. */
const placementFields = {
  recoveryContainerId: optionalText,
  recoveryResourceGroupId: optionalText,
  recoveryCloudServiceId: optionalText,
  recoveryAvailabilitySetId: optionalText,
  recoveryProximityPlacementGroupId: optionalText,
  recoveryAvailabilityZone: optionalText,
  recoveryBootDiagStorageAccountId: optionalText,
  recoveryVirtualMachineScaleSetId: optionalText,
  recoveryCapacityReservationGroupId: optionalText,
};

type PlainSettings = Readonly<Record<string, string | undefined>>;
const SETTING_NAMES = {
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

/** Returns only the given settings. */
function toSettings(values: PlainSettings): AzureToAzureInput['settings'] {
  const entries = Object.entries(SETTING_NAMES).flatMap(([theirs, ours]) =>
    values[theirs] === undefined ? [] : [[ours, values[theirs]]],
  );
  return Object.fromEntries(entries) as AzureToAzureInput['settings'];
}

const propertiesShape = <Shape extends z.ZodType>(shape: Shape) => z.object({ properties: shape });
const detailsShape = <Shape extends z.ZodRawShape>(shape: Shape) => z.object({ instanceType, ...shape });

const enable = propertiesShape(
  z.object({
    policyId: z.string().min(1),
    providerSpecificDetails: detailsShape({
      ...placementFields,
      ...diskFields,
      fabricObjectId: z.string().min(1),
      recoveryContainerId: z.string().min(1),
      recoveryAzureNetworkId: optionalText,
      recoverySubnetName: optionalText,
      multiVmGroupName: optionalText,
      multiVmGroupId: optionalText,
    }),
  }),
).transform(({ properties: { policyId, providerSpecificDetails: given } }): AzureToAzureInput => ({
  policyId,
  machineId: given.fabricObjectId,
  recoveryContainerId: given.recoveryContainerId,
  disks: toDisks(given),
  groupId: given.multiVmGroupId,
  groupName: given.multiVmGroupName,
  recoverySubnetName: given.recoverySubnetName,
  settings: toSettings(given as unknown as PlainSettings),
}));

const switchprotection = propertiesShape(
  z.object({
    replicationProtectedItemName: z.string().min(1),
    providerSpecificDetails: detailsShape({
      ...placementFields,
      ...diskFields,
      policyId: z.string(),
      recoveryContainerId: z.string(),
    }),
  }),
).transform(({ properties: { providerSpecificDetails: given } }): AzureToAzureInput => ({
  policyId: given.policyId,
  recoveryContainerId: given.recoveryContainerId,
  disks: toDisks(given),
  settings: toSettings(given as unknown as PlainSettings),
}));

const ipConfig = z
  .object({
    ipConfigName: optionalText,
    isPrimary: z.boolean().nullish(),
    recoverySubnetName: optionalText,
    recoveryStaticIPAddress: optionalText,
    recoveryPublicIPAddressId: optionalText,
    recoveryLBBackendAddressPoolIds: z.array(z.string()).nullish(),
    tfoSubnetName: optionalText,
    tfoStaticIPAddress: optionalText,
    tfoPublicIPAddressId: optionalText,
    tfoLBBackendAddressPoolIds: z.array(z.string()).nullish(),
  })
  .transform((given): Partial<NicAddress> =>
    definedOnly({
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

const optionalFlag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? undefined);
const nic = z
  .object({
    nicId: z.string().min(1),
    ipConfigs: z.array(ipConfig).nullish(),
    selectionType: optionalText,
    recoveryNetworkSecurityGroupId: optionalText,
    enableAcceleratedNetworkingOnRecovery: optionalFlag,
    tfoNetworkSecurityGroupId: optionalText,
    enableAcceleratedNetworkingOnTfo: optionalFlag,
    recoveryNicName: optionalText,
    recoveryNicResourceGroupName: optionalText,
    reuseExistingNic: optionalFlag,
    tfoNicName: optionalText,
    tfoNicResourceGroupName: optionalText,
    tfoReuseExistingNic: optionalFlag,
    targetNicName: optionalText,
  })
  .transform((given): NicChange => ({
    id: given.nicId,
    ...definedOnly({
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

/** Removes undefined values, so that they override nothing. */
function definedOnly<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

const diskChange = z
  .object({
    diskId: z.string(),
    recoveryTargetDiskAccountType: optionalText,
    recoveryReplicaDiskAccountType: optionalText,
    failoverDiskName: optionalText,
    tfoDiskName: optionalText,
  })
  .transform((given) => ({
    id: given.diskId,
    ...definedOnly({
      targetAccountType: given.recoveryTargetDiskAccountType,
      replicaAccountType: given.recoveryReplicaDiskAccountType,
      failoverName: given.failoverDiskName,
      testName: given.tfoDiskName,
    }),
  }));

const update = propertiesShape(
  z.object({
    recoveryAzureVMName: optionalText,
    recoveryAzureVMSize: optionalText,
    selectedRecoveryAzureNetworkId: optionalText,
    selectedTfoAzureNetworkId: optionalText,
    recoveryAvailabilitySetId: optionalText,
    licenseType: optionalText,
    vmNics: z.array(nic).nullish(),
    providerSpecificDetails: detailsShape({
      recoveryResourceGroupId: optionalText,
      recoveryCloudServiceId: optionalText,
      recoveryBootDiagStorageAccountId: optionalText,
      tfoAzureVMName: optionalText,
      recoveryProximityPlacementGroupId: optionalText,
      recoveryVirtualMachineScaleSetId: optionalText,
      recoveryCapacityReservationGroupId: optionalText,
      managedDiskUpdateDetails: z.array(diskChange).nullish(),
    }).nullish(),
  }),
).transform(({ properties: { providerSpecificDetails, vmNics, ...given } }): AzureToAzureInput => ({
  settings: {
    ...toSettings(given as PlainSettings),
    ...toSettings((providerSpecificDetails ?? {}) as unknown as PlainSettings),
  },
  nics: vmNics ?? undefined,
  diskChanges: providerSpecificDetails?.managedDiskUpdateDetails ?? undefined,
}));

const direction = z.literal('PrimaryToRecovery').nullish();
const unplannedFailover = propertiesShape(
  z.object({
    failoverDirection: direction,
    sourceSiteOperations: z.enum(['Required', 'NotRequired']).nullish(),
    providerSpecificDetails: detailsShape({ recoveryPointId: optionalText }),
  }),
).transform(
  ({
    properties: {
      sourceSiteOperations,
      providerSpecificDetails: { recoveryPointId },
    },
  }): AzureToAzureInput => ({ shutsDownSource: sourceSiteOperations === 'Required', recoveryPointId }),
);

const testFailover = propertiesShape(
  z.object({
    failoverDirection: direction,
    networkType: optionalText,
    networkId: optionalText,
    providerSpecificDetails: detailsShape({ recoveryPointId: optionalText }).nullish(),
  }),
).transform(({ properties: { networkId, providerSpecificDetails } }): AzureToAzureInput => ({
  networkId,
  recoveryPointId: providerSpecificDetails?.recoveryPointId,
}));

const testFailoverCleanup = propertiesShape(z.object({ comments: optionalText })).transform(
  ({ properties: { comments } }): AzureToAzureInput => ({ comments }),
);

const applyRecoveryPoint = propertiesShape(
  z.object({ recoveryPointId: z.string().min(1), providerSpecificDetails: detailsShape({}).nullish() }),
).transform(({ properties: { recoveryPointId } }): AzureToAzureInput => ({ recoveryPointId }));

const addDisks = propertiesShape(z.object({ providerSpecificDetails: detailsShape(diskFields) })).transform(
  ({ properties: { providerSpecificDetails } }): AzureToAzureInput => ({
    disks: toDisks(providerSpecificDetails),
  }),
);

const removeDisks = propertiesShape(
  z.object({
    providerSpecificDetails: detailsShape({
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

/** A recovery plan names a kind of recovery point for all of its machines. */
const planFailover = propertiesShape(
  z.object({
    /** From the plan's point of view: its machines may be on either side by now. */
    failoverDirection: z.enum(['PrimaryToRecovery', 'RecoveryToPrimary']).nullish(),
    sourceSiteOperations: z.enum(['Required', 'NotRequired']).nullish(),
    networkId: optionalText,
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

function readWith(reader: z.ZodType<AzureToAzureInput> | undefined, body: unknown): BodyResult {
  if (!reader) return { input: {} };
  const found = reader.safeParse(body);
  return found.success ? { input: found.data } : { problem: firstProblem(found.error) };
}

export const readBody = (operation: string, body: unknown): BodyResult => readWith(READERS[operation], body);
export const readPlanBody = (operation: string, body: unknown): BodyResult =>
  readWith(
    operation === 'unplannedFailover' || operation === 'testFailover' ? planFailover : undefined,
    body,
  );
