// Parses the bodies of the operations on Hyper-V machines.

import * as z from 'zod';

import type { BodyResult } from '../../provider.ts';
import { HYPER_V, type DiskChange, type DiskChoice, type HyperVInput, type NicChange } from './details.ts';

const optionalText = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value));
const instanceType = z.literal(HYPER_V);
const optionalTags = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? undefined);
/** The API has texts instead of booleans. */
const textFlag = z
  .string()
  .regex(/^(true|false)$/i, 'expected "true" or "false"')
  .nullish()
  .transform((value) => (value ? value.toLowerCase() === 'true' : undefined));

type Defined<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };
/** Removes undefined values, so that they override nothing. */
const definedOnly = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;

const propertiesShape = <Shape extends z.ZodType>(shape: Shape) => z.object({ properties: shape });
const detailsShape = <Shape extends z.ZodRawShape>(shape: Shape) => z.object({ instanceType, ...shape });

/** A subnet by its name. The service accepts the subnet's id too. */
const subnetName = optionalText.transform((value) => value?.split('/').at(-1));

const managedDisk = z
  .object({
    diskId: z.string().min(1),
    logStorageAccountId: optionalText,
    diskType: optionalText,
    diskEncryptionSetId: optionalText,
  })
  .transform((disk): DiskChoice => ({
    diskId: disk.diskId,
    storageAccountId: disk.logStorageAccountId,
    accountType: disk.diskType,
    encryptionSetId: disk.diskEncryptionSetId,
  }));

const enable = propertiesShape(
  z.object({
    policyId: z.string().min(1),
    protectableItemId: z.string().min(1),
    providerSpecificDetails: detailsShape({
      osType: z
        .enum(['Windows', 'Linux'])
        .nullish()
        .transform((value) => value ?? undefined),
      vhdId: optionalText,
      targetStorageAccountId: optionalText,
      logStorageAccountId: optionalText,
      targetAzureNetworkId: optionalText,
      targetAzureSubnetId: subnetName,
      targetAzureVmName: optionalText,
      targetAzureV2ResourceGroupId: optionalText,
      targetAvailabilitySetId: optionalText,
      targetAvailabilityZone: optionalText,
      targetProximityPlacementGroupId: optionalText,
      targetVmSize: optionalText,
      useManagedDisks: textFlag,
      useManagedDisksForReplication: textFlag,
      enableRdpOnTargetOption: optionalText,
      licenseType: optionalText,
      sqlServerLicenseType: optionalText,
      diskType: optionalText,
      diskEncryptionSetId: optionalText,
      disksToInclude: z.array(z.string()).nullish(),
      disksToIncludeForManagedDisks: z.array(managedDisk).nullish(),
      targetVmTags: optionalTags,
      targetNicTags: optionalTags,
    }),
  }),
).transform(
  ({ properties: { policyId, protectableItemId, providerSpecificDetails: given } }): HyperVInput => ({
    policyId,
    protectableItemId,
    osType: given.osType,
    systemDiskId: given.vhdId,
    disks: disksOf(given),
    recoverySubnetName: given.targetAzureSubnetId,
    settings: definedOnly({
      resourceGroupId: given.targetAzureV2ResourceGroupId,
      machineName: given.targetAzureVmName,
      size: given.targetVmSize,
      networkId: given.targetAzureNetworkId,
      availabilitySetId: given.targetAvailabilitySetId,
      zone: given.targetAvailabilityZone,
      placementGroupId: given.targetProximityPlacementGroupId,
      storageAccountId: given.targetStorageAccountId ?? given.logStorageAccountId,
      replicatesToDisks: given.useManagedDisksForReplication,
      usesManagedDisks: given.useManagedDisksForReplication === true ? true : given.useManagedDisks,
      licenseType: given.licenseType,
      sqlServerLicenseType: given.sqlServerLicenseType,
      remoteDesktop: given.enableRdpOnTargetOption,
      tags: given.targetVmTags,
      nicTags: given.targetNicTags,
    }),
  }),
);

interface GivenDisks {
  readonly disksToInclude?: readonly string[] | null | undefined;
  readonly disksToIncludeForManagedDisks?: readonly DiskChoice[] | null | undefined;
  readonly diskType?: string | undefined;
  readonly diskEncryptionSetId?: string | undefined;
}

function disksOf({
  disksToInclude,
  disksToIncludeForManagedDisks,
  diskType: accountType,
  diskEncryptionSetId: encryptionSetId,
}: GivenDisks): DiskChoice[] | undefined {
  const chosen = disksToIncludeForManagedDisks ?? disksToInclude?.map((diskId): DiskChoice => ({ diskId }));
  return chosen?.map((disk) => ({ accountType, encryptionSetId, ...definedOnly(disk), diskId: disk.diskId }));
}

const ipConfig = z.object({
  recoverySubnetName: optionalText,
  recoveryStaticIPAddress: optionalText,
  recoveryPublicIPAddressId: optionalText,
  tfoSubnetName: optionalText,
  tfoStaticIPAddress: optionalText,
});

const nic = z
  .object({
    nicId: z.string().min(1),
    ipConfigs: z.array(ipConfig).nullish(),
    selectionType: optionalText,
    recoveryNetworkSecurityGroupId: optionalText,
    enableAcceleratedNetworkingOnRecovery: z.boolean().nullish(),
    tfoNetworkSecurityGroupId: optionalText,
    targetNicName: optionalText,
  })
  .transform(({ nicId, ipConfigs, ...given }): NicChange => {
    const address = ipConfigs?.[0];
    return {
      id: nicId,
      ...definedOnly({
        selection: given.selectionType ?? 'SelectedByUser',
        recoverySubnetName: address?.recoverySubnetName,
        recoveryAddress: address?.recoveryStaticIPAddress,
        recoveryPublicAddressId: address?.recoveryPublicIPAddressId,
        testSubnetName: address?.tfoSubnetName,
        testAddress: address?.tfoStaticIPAddress,
        recoverySecurityGroupId: given.recoveryNetworkSecurityGroupId,
        recoveryAcceleration: given.enableAcceleratedNetworkingOnRecovery ?? undefined,
        testSecurityGroupId: given.tfoNetworkSecurityGroupId,
        targetName: given.targetNicName,
      }),
    };
  });

const diskChange = z
  .object({ diskId: z.string(), targetDiskName: optionalText })
  .transform(({ diskId, targetDiskName }): DiskChange => ({ id: diskId, targetName: targetDiskName }));

const update = propertiesShape(
  z.object({
    recoveryAzureVMName: optionalText,
    recoveryAzureVMSize: optionalText,
    selectedRecoveryAzureNetworkId: optionalText,
    selectedTfoAzureNetworkId: optionalText,
    selectedSourceNicId: optionalText,
    enableRdpOnTargetOption: optionalText,
    licenseType: optionalText,
    recoveryAvailabilitySetId: optionalText,
    vmNics: z.array(nic).nullish(),
    providerSpecificDetails: detailsShape({
      recoveryAzureV2ResourceGroupId: optionalText,
      useManagedDisks: textFlag,
      targetProximityPlacementGroupId: optionalText,
      targetAvailabilityZone: optionalText,
      sqlServerLicenseType: optionalText,
      targetVmTags: optionalTags,
      targetNicTags: optionalTags,
      vmDisks: z.array(diskChange).nullish(),
    }).nullish(),
  }),
).transform(({ properties: { providerSpecificDetails: own, vmNics, ...given } }): HyperVInput => ({
  nics: vmNics ?? undefined,
  diskChanges: own?.vmDisks ?? undefined,
  settings: definedOnly({
    machineName: given.recoveryAzureVMName,
    size: given.recoveryAzureVMSize,
    networkId: given.selectedRecoveryAzureNetworkId,
    testNetworkId: given.selectedTfoAzureNetworkId,
    sourceNicId: given.selectedSourceNicId,
    remoteDesktop: given.enableRdpOnTargetOption,
    licenseType: given.licenseType,
    availabilitySetId: given.recoveryAvailabilitySetId,
    resourceGroupId: own?.recoveryAzureV2ResourceGroupId,
    usesManagedDisks: own?.useManagedDisks,
    placementGroupId: own?.targetProximityPlacementGroupId,
    zone: own?.targetAvailabilityZone,
    sqlServerLicenseType: own?.sqlServerLicenseType,
    tags: own?.targetVmTags,
    nicTags: own?.targetNicTags,
  }),
}));

const forward = z.literal('PrimaryToRecovery').nullish();
const pointFields = { recoveryPointId: optionalText };

const unplannedFailover = propertiesShape(
  z.object({
    failoverDirection: forward,
    sourceSiteOperations: z.enum(['Required', 'NotRequired']).nullish(),
    providerSpecificDetails: detailsShape(pointFields),
  }),
).transform(({ properties: { sourceSiteOperations, providerSpecificDetails } }): HyperVInput => ({
  shutsDownSource: sourceSiteOperations === 'Required',
  recoveryPointId: providerSpecificDetails.recoveryPointId,
}));

const failbackDetails = z.object({
  instanceType: z.literal(`${HYPER_V}Failback`),
  dataSyncOption: z.enum(['ForDownTime', 'ForSynchronization']).default('ForSynchronization'),
  recoveryVmCreationOption: z.enum(['CreateVmIfNotFound', 'NoAction']).default('NoAction'),
  providerIdForAlternateRecovery: optionalText,
});

const toFailback = (given: z.infer<typeof failbackDetails>): HyperVInput => ({
  isHomeward: true,
  synchronizesFirst: given.dataSyncOption === 'ForDownTime',
  createsMissingMachine: given.recoveryVmCreationOption === 'CreateVmIfNotFound',
  homeServerId: given.providerIdForAlternateRecovery?.split('/').at(-1),
});

/** A planned failover home has details of another type. */
const plannedFailover = propertiesShape(
  z.discriminatedUnion('failoverDirection', [
    z.object({
      failoverDirection: z.literal('PrimaryToRecovery'),
      providerSpecificDetails: detailsShape(pointFields),
    }),
    z.object({
      failoverDirection: z.literal('RecoveryToPrimary'),
      providerSpecificDetails: failbackDetails,
    }),
  ]),
).transform(({ properties }): HyperVInput =>
  properties.failoverDirection === 'RecoveryToPrimary'
    ? toFailback(properties.providerSpecificDetails)
    : { shutsDownSource: true, recoveryPointId: properties.providerSpecificDetails.recoveryPointId },
);

const testFailover = propertiesShape(
  z.object({
    failoverDirection: forward,
    networkType: optionalText,
    networkId: optionalText,
    providerSpecificDetails: detailsShape(pointFields).nullish(),
  }),
).transform(({ properties: { networkId, providerSpecificDetails } }): HyperVInput => ({
  networkId,
  recoveryPointId: providerSpecificDetails?.recoveryPointId,
}));

const testFailoverCleanup = propertiesShape(z.object({ comments: optionalText })).transform(
  ({ properties: { comments } }): HyperVInput => ({ comments }),
);

const applyRecoveryPoint = propertiesShape(
  z.object({ recoveryPointId: z.string().min(1), providerSpecificDetails: detailsShape({}).nullish() }),
).transform(({ properties: { recoveryPointId } }): HyperVInput => ({ recoveryPointId }));

const reProtect = propertiesShape(
  z.object({
    failoverDirection: z.enum(['PrimaryToRecovery', 'RecoveryToPrimary']).nullish(),
    providerSpecificDetails: detailsShape({
      storageAccountId: optionalText,
      logStorageAccountId: optionalText,
    }).nullish(),
  }),
).transform(({ properties: { providerSpecificDetails: own } }): HyperVInput => ({
  settings: definedOnly({ storageAccountId: own?.storageAccountId ?? own?.logStorageAccountId }),
}));

const READERS: Readonly<Record<string, z.ZodType<HyperVInput>>> = {
  enable,
  update,
  unplannedFailover,
  plannedFailover,
  testFailover,
  testFailoverCleanup,
  applyRecoveryPoint,
  reProtect,
};

const planForward = detailsShape({
  recoveryPointType: z.enum(['Latest', 'LatestApplicationConsistent', 'LatestProcessed']).nullish(),
});

/** A recovery plan names a kind of recovery point for all of its machines. */
const planFailover = propertiesShape(
  z.object({
    failoverDirection: z.enum(['PrimaryToRecovery', 'RecoveryToPrimary']).nullish(),
    sourceSiteOperations: z.enum(['Required', 'NotRequired']).nullish(),
    networkId: optionalText,
    providerSpecificDetails: z
      .array(z.discriminatedUnion('instanceType', [planForward, failbackDetails]))
      .nullish(),
  }),
).transform(
  ({ properties: { failoverDirection, sourceSiteOperations, networkId, ...given } }): HyperVInput => {
    const details = given.providerSpecificDetails?.[0];
    if (failoverDirection === 'RecoveryToPrimary')
      return toFailback(
        details?.instanceType === 'HyperVReplicaAzureFailback'
          ? details
          : failbackDetails.parse({ instanceType: 'HyperVReplicaAzureFailback' }),
      );
    return {
      shutsDownSource: sourceSiteOperations === 'Required',
      networkId,
      recoveryPointKind:
        details?.instanceType === HYPER_V ? (details.recoveryPointType ?? undefined) : undefined,
    };
  },
);

const firstProblem = (error: z.ZodError): string => {
  const [issue] = error.issues;
  return issue
    ? `The value of '${issue.path.join('.')}' is not valid: ${issue.message}`
    : 'The request body is not valid.';
};

function readWith(reader: z.ZodType<HyperVInput> | undefined, body: unknown): BodyResult<HyperVInput> {
  if (!reader) return { input: {} };
  const found = reader.safeParse(body);
  return found.success ? { input: found.data } : { problem: firstProblem(found.error) };
}

export const readBody = (operation: string, body: unknown): BodyResult<HyperVInput> =>
  readWith(READERS[operation], body);

const PLAN_FAILOVERS = ['plannedFailover', 'unplannedFailover', 'testFailover'];
export const readPlanBody = (operation: string, body: unknown): BodyResult<HyperVInput> => {
  const read = readWith(PLAN_FAILOVERS.includes(operation) ? planFailover : undefined, body);
  return 'input' in read && operation === 'plannedFailover' && !read.input.isHomeward
    ? { input: { ...read.input, shutsDownSource: true } }
    : read;
};
