// Parses the bodies of the VMware operations. The replication appliance and the older configuration
// server name the same things differently.

import * as z from 'zod';

import type { BodyResult } from '../../provider.ts';
import { CLASSIC, kindOf, MODERN, type InstanceType, type NicChange, type VmwareInput } from './details.ts';
import { classicSettings, classicUpdate, modernSettings, modernUpdate } from './settings-input.ts';
import { optionalText, propertiesShape } from './shapes.ts';

type Reader = z.ZodType<VmwareInput>;

const modernDisk = {
  logStorageAccountId: z.string().min(1),
  diskType: z.string().min(1),
  diskEncryptionSetId: optionalText,
};

const modernEnable = propertiesShape(
  z.object({
    policyId: z.string().min(1),
    providerSpecificDetails: z.object({
      instanceType: z.literal(MODERN.toAzure),
      fabricDiscoveryMachineId: z.string().min(1),
      processServerId: z.string().min(1),
      runAsAccountId: optionalText,
      disksToInclude: z.array(z.object({ diskId: z.string().min(1), ...modernDisk })).nullish(),
      disksDefault: z.object(modernDisk).nullish(),
      targetSubnetName: optionalText,
      testSubnetName: optionalText,
      multiVmGroupName: optionalText,
      ...modernSettings,
      targetResourceGroupId: z.string().min(1),
    }),
  }),
).transform(({ properties: { policyId, providerSpecificDetails: given } }): VmwareInput => ({
  policyId,
  discoveryId: given.fabricDiscoveryMachineId,
  serverId: given.processServerId,
  accountId: given.runAsAccountId,
  disks: given.disksToInclude?.map(({ diskId, ...disk }) => ({ diskId, ...toDisk(disk) })),
  diskDefaults: given.disksDefault ? toDisk(given.disksDefault) : undefined,
  groupName: given.multiVmGroupName,
  targetSubnetName: given.targetSubnetName,
  testSubnetName: given.testSubnetName,
  settings: modernUpdate(given),
}));

const toDisk = (disk: {
  logStorageAccountId?: string | undefined;
  diskType?: string | undefined;
  diskEncryptionSetId?: string | undefined;
}) => ({
  logAccountId: disk.logStorageAccountId,
  diskType: disk.diskType,
  encryptionSetId: disk.diskEncryptionSetId,
});

const lastName = (id: string | undefined): string | undefined => id?.split('/').at(-1);

const classicEnable = propertiesShape(
  z.object({
    policyId: z.string().min(1),
    protectableItemId: z.string().min(1),
    providerSpecificDetails: z.object({
      instanceType: z.literal(CLASSIC.toAzure),
      processServerId: z.string().min(1),
      runAsAccountId: optionalText,
      logStorageAccountId: optionalText,
      diskType: optionalText,
      diskEncryptionSetId: optionalText,
      disksToInclude: z
        .array(
          z.object({
            diskId: z.string().min(1),
            logStorageAccountId: optionalText,
            diskType: optionalText,
            diskEncryptionSetId: optionalText,
          }),
        )
        .nullish(),
      targetAzureSubnetId: optionalText,
      multiVmGroupName: optionalText,
      ...classicSettings,
    }),
  }),
).transform(
  ({ properties: { policyId, protectableItemId, providerSpecificDetails: given } }): VmwareInput => ({
    policyId,
    discoveryId: protectableItemId,
    serverId: given.processServerId,
    accountId: given.runAsAccountId,
    disks: given.disksToInclude?.map(({ diskId, ...disk }) => ({ diskId, ...toDisk(disk) })),
    diskDefaults: toDisk(given),
    groupName: given.multiVmGroupName,
    targetSubnetName: lastName(given.targetAzureSubnetId),
    settings: classicUpdate(given),
  }),
);

const direction = z.enum(['PrimaryToRecovery', 'RecoveryToPrimary']).nullish();
const textFlag = z.enum(['true', 'false', 'True', 'False']);

/** A failover to Azure. The appliance reads `performShutdown`, the other one the source's part. */
const failoverReader = (instanceType: InstanceType): Reader =>
  propertiesShape(
    z.object({
      failoverDirection: direction,
      sourceSiteOperations: z.enum(['Required', 'NotRequired']).nullish(),
      providerSpecificDetails: z
        .object({
          instanceType: z.literal(instanceType),
          performShutdown: textFlag.nullish(),
          recoveryPointId: optionalText,
          recoveryPointType: optionalText,
        })
        .nullish(),
    }),
  ).transform(({ properties: { sourceSiteOperations, providerSpecificDetails: given } }): VmwareInput => ({
    shutsDownSource:
      instanceType === MODERN.toAzure
        ? given?.performShutdown?.toLowerCase() === 'true'
        : sourceSiteOperations === 'Required',
    recoveryPointId: given?.recoveryPointId,
    recoveryPointKind: given?.recoveryPointType,
  }));

const testReader = (instanceType: InstanceType): Reader =>
  propertiesShape(
    z.object({
      failoverDirection: direction,
      networkType: z.enum(['NoNetworkAttachAsInput', 'VmNetworkAsInput']).nullish(),
      networkId: optionalText,
      providerSpecificDetails: z
        .object({
          instanceType: z.literal(instanceType),
          networkId: optionalText,
          recoveryPointId: optionalText,
        })
        .nullish(),
    }),
  ).transform(({ properties: { networkId, providerSpecificDetails: given } }): VmwareInput => ({
    networkId: given?.networkId ?? networkId,
    recoveryPointId: given?.recoveryPointId,
  }));

const cleanupReader: Reader = propertiesShape(
  z.object({ comments: z.string().nullish() }).nullish(),
).transform(({ properties }): VmwareInput => ({ comments: properties?.comments ?? '' }));

const plannedReader: Reader = propertiesShape(
  z.object({
    failoverDirection: direction,
    providerSpecificDetails: z.object({
      instanceType: z.literal(MODERN.home),
      recoveryPointType: z.enum(['ApplicationConsistent', 'CrashConsistent']),
    }),
  }),
).transform(({ properties: { providerSpecificDetails: given } }): VmwareInput => ({
  recoveryPointKind: given.recoveryPointType,
}));

const changePointReader = (instanceType: InstanceType): Reader =>
  propertiesShape(
    z.object({
      recoveryPointId: optionalText,
      providerSpecificDetails: z
        .object({ instanceType: z.literal(instanceType), recoveryPointId: optionalText })
        .nullish(),
    }),
  ).transform(({ properties: { recoveryPointId, providerSpecificDetails: given } }): VmwareInput => ({
    recoveryPointId: given?.recoveryPointId ?? recoveryPointId,
  }));

const reprotectBody = <Details extends z.ZodType>(details: Details) =>
  propertiesShape(z.object({ failoverDirection: direction, providerSpecificDetails: details }));

/**
 * The appliance expects the present instance type of the item. The configuration server expects the
 * one that the reprotect leads to.
 */
const REPROTECT_READERS: Readonly<Record<InstanceType, Reader>> = {
  InMageRcm: reprotectBody(
    z.object({
      instanceType: z.literal(MODERN.toAzure),
      reprotectAgentId: z.string().min(1),
      datastoreName: z.string().min(1),
      logStorageAccountId: z.string().min(1),
      policyId: optionalText,
    }),
  ).transform(({ properties: { providerSpecificDetails: given } }): VmwareInput => ({
    wayHome: {
      agentId: given.reprotectAgentId,
      datastoreName: given.datastoreName,
      logAccountId: given.logStorageAccountId,
    },
    policyId: given.policyId,
  })),
  InMageRcmFailback: reprotectBody(
    z.object({
      instanceType: z.literal(MODERN.home),
      processServerId: z.string().min(1),
      runAsAccountId: optionalText,
      policyId: z.string().min(1),
    }),
  ).transform(({ properties: { providerSpecificDetails: given } }): VmwareInput => ({
    serverId: given.processServerId,
    accountId: given.runAsAccountId,
    policyId: given.policyId,
  })),
  InMageAzureV2: reprotectBody(
    z.object({
      instanceType: z.literal(CLASSIC.home),
      masterTargetId: z.string().min(1),
      processServerId: z.string().min(1),
      retentionDrive: z.string(),
      runAsAccountId: optionalText,
      datastoreName: optionalText,
      profileId: z.string().min(1),
    }),
  ).transform(({ properties: { providerSpecificDetails: given } }): VmwareInput => ({
    wayHome: { agentId: given.masterTargetId, datastoreName: given.datastoreName ?? '', logAccountId: '' },
    serverId: given.processServerId,
    accountId: given.runAsAccountId,
    policyId: given.profileId,
  })),
  InMage: reprotectBody(
    z.object({
      instanceType: z.literal(CLASSIC.toAzure),
      processServerId: z.string().min(1),
      runAsAccountId: optionalText,
      policyId: z.string().min(1),
    }),
  ).transform(({ properties: { providerSpecificDetails: given } }): VmwareInput => ({
    serverId: given.processServerId,
    accountId: given.runAsAccountId,
    policyId: given.policyId,
  })),
};

const applianceReader: Reader = propertiesShape(
  z.object({
    targetApplianceId: z.string().min(1),
    providerSpecificDetails: z.object({
      instanceType: z.literal(MODERN.toAzure),
      runAsAccountId: optionalText,
    }),
  }),
).transform(({ properties: { targetApplianceId, providerSpecificDetails } }): VmwareInput => ({
  serverId: targetApplianceId,
  accountId: providerSpecificDetails.runAsAccountId,
}));

const modernNic = z
  .object({
    nicId: z.string().min(1),
    isPrimaryNic: textFlag.nullish(),
    isSelectedForFailover: textFlag.nullish(),
    targetSubnetName: optionalText,
    targetStaticIPAddress: optionalText,
    testSubnetName: optionalText,
    testStaticIPAddress: optionalText,
  })
  .transform((given): NicChange => ({
    id: given.nicId,
    ...(given.isPrimaryNic && { isPrimary: given.isPrimaryNic.toLowerCase() === 'true' }),
    ...(given.isSelectedForFailover && { isSelected: given.isSelectedForFailover.toLowerCase() === 'true' }),
    ...(given.targetSubnetName !== undefined && { targetSubnetName: given.targetSubnetName }),
    ...(given.targetStaticIPAddress !== undefined && { targetAddress: given.targetStaticIPAddress }),
    ...(given.testSubnetName !== undefined && { testSubnetName: given.testSubnetName }),
    ...(given.testStaticIPAddress !== undefined && { testAddress: given.testStaticIPAddress }),
  }));

const classicNic = z
  .object({
    nicId: z.string().min(1),
    selectionType: optionalText,
    ipConfigs: z
      .array(
        z.object({
          isPrimary: z.boolean().nullish(),
          recoverySubnetName: optionalText,
          recoveryStaticIPAddress: optionalText,
          tfoSubnetName: optionalText,
          tfoStaticIPAddress: optionalText,
        }),
      )
      .nullish(),
  })
  .transform((given): NicChange => {
    const [address] = given.ipConfigs ?? [];
    return {
      id: given.nicId,
      ...(given.selectionType !== undefined && { isSelected: given.selectionType !== 'NotSelected' }),
      ...(address?.recoverySubnetName !== undefined && { targetSubnetName: address.recoverySubnetName }),
      ...(address?.recoveryStaticIPAddress !== undefined && {
        targetAddress: address.recoveryStaticIPAddress,
      }),
      ...(address?.tfoSubnetName !== undefined && { testSubnetName: address.tfoSubnetName }),
      ...(address?.tfoStaticIPAddress !== undefined && { testAddress: address.tfoStaticIPAddress }),
    };
  });

const modernUpdateReader: Reader = propertiesShape(
  z.object({
    providerSpecificDetails: z.object({
      instanceType: z.literal(MODERN.toAzure),
      vmNics: z.array(modernNic).nullish(),
      ...modernSettings,
    }),
  }),
).transform(({ properties: { providerSpecificDetails: given } }): VmwareInput => ({
  settings: modernUpdate(given),
  nics: given.vmNics ?? undefined,
}));

const classicUpdateReader: Reader = propertiesShape(
  z.object({
    recoveryAzureVMName: optionalText,
    recoveryAzureVMSize: optionalText,
    selectedRecoveryAzureNetworkId: optionalText,
    selectedTfoAzureNetworkId: optionalText,
    recoveryAvailabilitySetId: optionalText,
    licenseType: optionalText,
    vmNics: z.array(classicNic).nullish(),
    providerSpecificDetails: z
      .object({
        instanceType: z.literal(CLASSIC.toAzure),
        recoveryAzureV2ResourceGroupId: optionalText,
        targetProximityPlacementGroupId: optionalText,
        targetAvailabilityZone: optionalText,
      })
      .nullish(),
  }),
).transform(({ properties: { vmNics, providerSpecificDetails, ...given } }): VmwareInput => ({
  settings: classicUpdate({ ...given, ...providerSpecificDetails }),
  nics: vmNics ?? undefined,
}));

/** Nothing of a machine in Azure can be changed while it replicates home. */
const noUpdate: Reader = z.never();

function readersOf(instanceType: InstanceType): Readonly<Record<string, Reader>> {
  const kind = kindOf(instanceType);
  const toAzure = instanceType === kind.toAzure;
  return {
    enable: kind === MODERN ? modernEnable : classicEnable,
    update: toAzure ? (kind === MODERN ? modernUpdateReader : classicUpdateReader) : noUpdate,
    unplannedFailover: failoverReader(instanceType),
    plannedFailover: plannedReader,
    testFailover: testReader(instanceType),
    testFailoverCleanup: cleanupReader,
    applyRecoveryPoint: changePointReader(instanceType),
    reProtect: REPROTECT_READERS[instanceType],
    updateAppliance: applianceReader,
  };
}

/** A recovery plan names a kind of recovery point for all of its machines. */
const planReader: Reader = propertiesShape(
  z.object({
    failoverDirection: direction,
    sourceSiteOperations: z.enum(['Required', 'NotRequired']).nullish(),
    networkId: optionalText,
    providerSpecificDetails: z
      .array(
        z.object({
          instanceType: z.string(),
          recoveryPointType: optionalText,
          useMultiVmSyncPoint: z.string().nullish(),
        }),
      )
      .nullish(),
  }),
).transform(({ properties: { sourceSiteOperations, networkId, providerSpecificDetails } }): VmwareInput => ({
  shutsDownSource: sourceSiteOperations === 'Required',
  networkId,
  recoveryPointKind: providerSpecificDetails?.[0]?.recoveryPointType,
  sharedPoint: providerSpecificDetails?.[0]?.useMultiVmSyncPoint?.toLowerCase() === 'true',
}));
const PLAN_FAILOVERS = ['unplannedFailover', 'plannedFailover', 'testFailover'];

const firstProblem = (error: z.ZodError): string => {
  const [issue] = error.issues;
  return issue
    ? `The value of '${issue.path.join('.')}' is not valid: ${issue.message}`
    : 'The request body is not valid.';
};

function readWith(reader: Reader | undefined, body: unknown): BodyResult<VmwareInput> {
  if (!reader) return { input: {} };
  const found = reader.safeParse(body);
  return found.success ? { input: found.data } : { problem: firstProblem(found.error) };
}

/** Returns the reader of bodies for items of this instance type. */
export function bodyReader(
  instanceType: InstanceType,
): (operation: string, body: unknown) => BodyResult<VmwareInput> {
  const readers = readersOf(instanceType);
  return (operation, body) => readWith(readers[operation], body);
}

export const readPlanBody = (operation: string, body: unknown): BodyResult<VmwareInput> =>
  readWith(PLAN_FAILOVERS.includes(operation) ? planReader : undefined, body);
