// The SDK calls for each write on one VM. `sendOnce` runs them; they never wait for the end of an
// operation.
import type { PhaseOperation } from '../../core/operations.ts';
import { sameId, type ReplicationChange, type ReplicatedItem } from '../../siterecovery/item.ts';
import type { ItemWrite } from '../driver.ts';
import { itemIn, plainWrites } from '../itemWrites.ts';
import { HYPER_V, HYPER_V_FAILBACK } from './instanceType.ts';
import { enableInput } from './enabling/settings.ts';

const FORWARD = 'PrimaryToRecovery';

/** The write of each operation in this scenario. */
export const writes = {
  ...plainWrites,
  enableReplication(client, at, { itemId, sourceVmId, settings }, options) {
    const { items, address } = itemIn(client, at, itemId);
    const properties = {
      policyId: settings.policyId,
      protectableItemId: sourceVmId,
      providerSpecificDetails: enableInput(settings),
    };
    return items.beginCreate(...address, { properties }, options);
  },
  updateReplication(client, at, { item, change }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    return items.beginUpdate(...address, { properties: updateInput(item, change) }, options);
  },
  testFailover(client, at, { item, recoveryPointId, networkId }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    const network = networkId
      ? { networkType: 'VmNetworkAsInput', networkId }
      : { networkType: 'NoNetworkAttachAsInput' };
    const properties = {
      failoverDirection: FORWARD,
      ...network,
      providerSpecificDetails: recoveryPointInput(recoveryPointId),
    };
    return items.beginTestFailover(...address, { properties }, options);
  },
  // A failback is a planned failover that first copies the changes back to the Hyper-V host.
  failover(client, at, { item, recoveryPointId, shutDownSource, planned }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    if (item.activeLocation === 'Recovery' || planned) {
      const properties = item.activeLocation === 'Recovery' ? FAILBACK : plannedInput(recoveryPointId);
      return items.beginPlannedFailover(...address, { properties }, options);
    }
    const properties = {
      failoverDirection: FORWARD,
      sourceSiteOperations: shutDownSource ? 'Required' : 'NotRequired',
      providerSpecificDetails: recoveryPointInput(recoveryPointId),
    };
    return items.beginUnplannedFailover(...address, { properties }, options);
  },
  changeRecoveryPoint(client, at, { item, recoveryPointId }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    return items.beginApplyRecoveryPoint(
      ...address,
      { properties: { recoveryPointId, providerSpecificDetails: { instanceType: HYPER_V } } },
      options,
    );
  },
  // After a failback: the replication to Azure starts again.
  reprotect(client, at, { item }, options) {
    const { items, address } = itemIn(client, at, item.armId);
    return items.beginReprotect(
      ...address,
      { properties: { failoverDirection: FORWARD, providerSpecificDetails: { instanceType: HYPER_V } } },
      options,
    );
  },
} satisfies { readonly [Name in PhaseOperation]?: ItemWrite<Name> };

/** Without a point Site Recovery takes the latest. */
const recoveryPointInput = (recoveryPointId: string | null) => ({
  instanceType: HYPER_V,
  ...(recoveryPointId ? { recoveryPointId } : {}),
});

const plannedInput = (recoveryPointId: string | null) => ({
  failoverDirection: FORWARD,
  providerSpecificDetails: recoveryPointInput(recoveryPointId),
});

/** The VM on the Hyper-V host stays there after a failover, so a failback creates no other VM. */
const FAILBACK = {
  failoverDirection: 'RecoveryToPrimary',
  providerSpecificDetails: {
    instanceType: HYPER_V_FAILBACK,
    dataSyncOption: 'ForSynchronization',
    recoveryVmCreationOption: 'NoAction',
  },
} as const;

/** Site Recovery takes network interfaces only as a complete list, together with their network. */
function updateInput(item: ReplicatedItem, change: ReplicationChange) {
  const networkId = change.networkId ?? (change.nics ? item.settings.networkId : null);
  return {
    ...(change.size ? { recoveryAzureVMSize: change.size } : {}),
    ...(networkId ? { selectedRecoveryAzureNetworkId: networkId } : {}),
    ...(change.nics ? { vmNics: nicInputs(item, change.nics) } : {}),
    ...(change.availabilitySetId ? { recoveryAvailabilitySetId: change.availabilitySetId } : {}),
    providerSpecificDetails: {
      instanceType: HYPER_V,
      ...(change.resourceGroupId ? { recoveryAzureV2ResourceGroupId: change.resourceGroupId } : {}),
      ...(change.placementGroupId ? { targetProximityPlacementGroupId: change.placementGroupId } : {}),
    },
  };
}

const nicInputs = ({ settings }: ReplicatedItem, changed: NonNullable<ReplicationChange['nics']>) =>
  settings.nics.map(({ id, subnet, address }) => {
    const change = changed.find(({ nicId }) => sameId(nicId, id));
    const nextSubnet = change?.subnet ?? subnet;
    const nextAddress = change?.address === undefined ? address : change.address;
    return {
      nicId: id,
      ipConfigs: [
        {
          isPrimary: true,
          ...(nextSubnet === null ? {} : { recoverySubnetName: nextSubnet }),
          recoveryStaticIPAddress: nextAddress ?? '',
        },
      ],
    };
  });
