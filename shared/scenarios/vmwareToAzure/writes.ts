// The SDK calls for each write on one VM. `sendOnce` runs them; they never wait for the end of an
// operation.
import type {
  TestFailoverInputProperties,
  UnplannedFailoverInputProperties,
} from '@azure/arm-recoveryservices-siterecovery';
import type { PhaseOperation } from '../../core/operations.ts';
import { sameId, type ReplicatedItem, type ReplicationChange } from '../../siterecovery/item.ts';
import type { ServerReprotectTarget } from '../../siterecovery/siteRecovery.ts';
import type { ItemWrite } from '../driver.ts';
import { cancelWrites, itemIn, plainWrites } from '../itemWrites.ts';
import { enableProperties } from './enabling/settings.ts';
import { APPLIANCE, CLASSIC, isForm, pairOf, type Form } from './instanceType.ts';

export const TO_AZURE = 'PrimaryToRecovery';
export const HOME = 'RecoveryToPrimary';

/** The form of an item that this driver has read. */
function formOf({ friendlyName, instanceType }: ReplicatedItem): Form {
  if (!isForm(instanceType)) throw new Error(`${friendlyName} has no form of a VMware VM.`);
  return instanceType;
}

/** The write of each operation in this scenario. */
export const writes = {
  ...plainWrites,
  ...cancelWrites,
  enableReplication(client, at, { itemId, sourceVmId, settings }, options) {
    const { items, address } = itemIn(client, at, itemId);
    return items.beginCreate(...address, { properties: enableProperties(sourceVmId, settings) }, options);
  },
  updateReplication(client, at, { item, change }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    const properties =
      pairOf(formOf(item)) === APPLIANCE ? applianceUpdate(item, change) : classicUpdate(item, change);
    return items.beginUpdate(...address, { properties }, options);
  },
  testFailover(client, at, { item, recoveryPointId, networkId }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    const properties = testInput(formOf(item), recoveryPointId, networkId ?? item.settings.testNetworkId);
    return items.beginTestFailover(...address, { properties }, options);
  },
  failover(client, at, { item, recoveryPointId, shutDownSource }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    const form = formOf(item);
    if (form === APPLIANCE.home)
      return items.beginPlannedFailover(...address, { properties: PLANNED_HOME }, options);
    const properties =
      form === CLASSIC.home ? CLASSIC_HOME : failoverInput(form, recoveryPointId, shutDownSource);
    return items.beginUnplannedFailover(...address, { properties }, options);
  },
  changeRecoveryPoint(client, at, { item, recoveryPointId }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    const providerSpecificDetails =
      formOf(item) === APPLIANCE.toAzure
        ? { instanceType: APPLIANCE.toAzure, recoveryPointId }
        : { instanceType: CLASSIC.toAzure };
    return items.beginApplyRecoveryPoint(
      ...address,
      { properties: { recoveryPointId, providerSpecificDetails } },
      options,
    );
  },
  reprotect(client, at, { item, target }, options) {
    if (!target || !('serverId' in target))
      throw new Error(`The reprotect of ${item.friendlyName} has no server.`);
    const { items, address } = itemIn(client, at, item.armId);
    return items.beginReprotect(...address, { properties: reprotectInput(formOf(item), target) }, options);
  },
} satisfies { readonly [Name in PhaseOperation]: ItemWrite<Name> };

/** Site Recovery copies the last changes home before it starts the machine there. */
const PLANNED_HOME = {
  failoverDirection: HOME,
  providerSpecificDetails: { instanceType: APPLIANCE.home, recoveryPointType: 'CrashConsistent' },
};
const CLASSIC_HOME = {
  failoverDirection: HOME,
  providerSpecificDetails: { instanceType: CLASSIC.home, recoveryPointType: 'LatestTime' },
};

const pointInput = (recoveryPointId: string | null) => (recoveryPointId ? { recoveryPointId } : {});

/** Without a point Site Recovery takes the latest. */
export const failoverInput = (
  form: Form,
  recoveryPointId: string | null,
  shutDownSource: boolean,
): UnplannedFailoverInputProperties =>
  form === APPLIANCE.toAzure
    ? {
        failoverDirection: TO_AZURE,
        providerSpecificDetails: {
          instanceType: form,
          performShutdown: String(shutDownSource),
          ...pointInput(recoveryPointId),
        },
      }
    : {
        failoverDirection: TO_AZURE,
        sourceSiteOperations: shutDownSource ? 'Required' : 'NotRequired',
        providerSpecificDetails: { instanceType: CLASSIC.toAzure, ...pointInput(recoveryPointId) },
      };

function testInput(
  form: Form,
  recoveryPointId: string | null,
  networkId: string | null,
): TestFailoverInputProperties {
  const network = networkId
    ? { networkType: 'VmNetworkAsInput', networkId }
    : { networkType: 'NoNetworkAttachAsInput' };
  return {
    failoverDirection: TO_AZURE,
    ...network,
    providerSpecificDetails:
      form === APPLIANCE.toAzure
        ? { instanceType: form, ...(networkId ? { networkId } : {}), ...pointInput(recoveryPointId) }
        : { instanceType: CLASSIC.toAzure, ...pointInput(recoveryPointId) },
  };
}

/**
 * The appliance expects the present form. The configuration server expects the form that the
 * reprotect leads to.
 */
function reprotectInput(form: Form, target: ServerReprotectTarget) {
  const { serverId, policyId } = target;
  const account = target.accountId === null ? {} : { runAsAccountId: target.accountId };
  switch (form) {
    case APPLIANCE.toAzure:
      return {
        failoverDirection: HOME,
        providerSpecificDetails: {
          instanceType: form,
          reprotectAgentId: target.writerId ?? '',
          datastoreName: target.datastore ?? '',
          logStorageAccountId: target.logStorageAccountId ?? '',
          policyId,
        },
      };
    case APPLIANCE.home:
      return {
        failoverDirection: TO_AZURE,
        providerSpecificDetails: { instanceType: form, processServerId: serverId, ...account, policyId },
      };
    case CLASSIC.toAzure:
      return {
        failoverDirection: HOME,
        providerSpecificDetails: {
          instanceType: CLASSIC.home,
          masterTargetId: target.writerId ?? '',
          processServerId: serverId,
          retentionDrive: target.retentionDrive ?? '',
          ...account,
          datastoreName: target.datastore ?? '',
          profileId: policyId,
        },
      };
    case CLASSIC.home:
      return {
        failoverDirection: TO_AZURE,
        providerSpecificDetails: {
          instanceType: CLASSIC.toAzure,
          processServerId: serverId,
          ...account,
          policyId,
        },
      };
  }
}

function applianceUpdate({ settings }: ReplicatedItem, change: ReplicationChange) {
  return {
    providerSpecificDetails: {
      instanceType: APPLIANCE.toAzure,
      ...(change.size ? { targetVmSize: change.size } : {}),
      ...(change.resourceGroupId ? { targetResourceGroupId: change.resourceGroupId } : {}),
      ...(change.networkId ? { targetNetworkId: change.networkId } : {}),
      ...(change.testNetworkId ? { testNetworkId: change.testNetworkId } : {}),
      ...(change.availabilitySetId ? { targetAvailabilitySetId: change.availabilitySetId } : {}),
      ...(change.placementGroupId ? { targetProximityPlacementGroupId: change.placementGroupId } : {}),
      ...(change.nics
        ? {
            vmNics: nicsAfter(settings.nics, change.nics).map(({ id, subnet, address }, index) => ({
              nicId: id,
              isPrimaryNic: String(index === 0),
              isSelectedForFailover: 'true',
              ...(subnet === null ? {} : { targetSubnetName: subnet }),
              targetStaticIPAddress: address ?? '',
            })),
          }
        : {}),
    },
  };
}

/** The older form takes network interfaces only together with their network. */
function classicUpdate({ settings }: ReplicatedItem, change: ReplicationChange) {
  const networkId = change.networkId ?? (change.nics ? settings.networkId : null);
  return {
    ...(change.size ? { recoveryAzureVMSize: change.size } : {}),
    ...(networkId ? { selectedRecoveryAzureNetworkId: networkId } : {}),
    ...(change.testNetworkId ? { selectedTfoAzureNetworkId: change.testNetworkId } : {}),
    ...(change.availabilitySetId ? { recoveryAvailabilitySetId: change.availabilitySetId } : {}),
    ...(change.nics
      ? {
          vmNics: nicsAfter(settings.nics, change.nics).map(({ id, subnet, address }) => ({
            nicId: id,
            ipConfigs: [
              {
                isPrimary: true,
                ...(subnet === null ? {} : { recoverySubnetName: subnet }),
                recoveryStaticIPAddress: address ?? '',
              },
            ],
          })),
        }
      : {}),
    providerSpecificDetails: {
      instanceType: CLASSIC.toAzure,
      ...(change.resourceGroupId ? { recoveryAzureV2ResourceGroupId: change.resourceGroupId } : {}),
      ...(change.placementGroupId ? { targetProximityPlacementGroupId: change.placementGroupId } : {}),
    },
  };
}

type Nics = ReplicatedItem['settings']['nics'];
/** Site Recovery takes network interfaces only as a complete list. */
const nicsAfter = (nics: Nics, changed: NonNullable<ReplicationChange['nics']>): Nics =>
  nics.map(({ id, subnet, address }) => {
    const change = changed.find(({ nicId }) => sameId(nicId, id));
    return {
      id,
      subnet: change?.subnet ?? subnet,
      address: change?.address === undefined ? address : change.address,
    };
  });
