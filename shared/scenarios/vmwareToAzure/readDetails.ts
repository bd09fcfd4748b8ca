// Reads the details of one replicated VM for people: progress, lag and the target settings.
import type {
  InMageAzureV2ReplicationDetails,
  InMageRcmFailbackReplicationDetails,
  InMageRcmReplicationDetails,
} from '@azure/arm-recoveryservices-siterecovery';
import { isoTimeOrNull, textOrNull } from '../../siterecovery/fromSdk.ts';
import type { Capabilities } from '../driver.ts';
import type { ItemDetails } from '../itemDetails.ts';
import { readItem } from './readItem.ts';

/** The details of all forms. Each form has some of these fields. */
type AnyDetails = Partial<
  Omit<InMageRcmReplicationDetails, 'instanceType' | 'protectedDisks' | 'mobilityAgentDetails' | 'vmNics'> &
    Pick<
      InMageAzureV2ReplicationDetails,
      'agentVersion' | 'lastHeartbeat' | 'recoveryAzureVMName' | 'recoveryAzureStorageAccount' | 'osDiskId'
    > &
    Pick<InMageRcmFailbackReplicationDetails, 'mobilityAgentDetails'>
> & {
  readonly protectedDisks?: readonly {
    readonly diskId?: string;
    readonly isOSDisk?: string;
    readonly irDetails?: { readonly progressPercentage?: number };
  }[];
};

export const readDetails: Capabilities['readDetails'] = (properties) => {
  const item = readItem({ id: 'item', name: 'item', properties });
  const details = (properties.providerSpecificDetails ?? {}) as AnyDetails;
  return {
    sourceVmId: item?.sourceVmId ?? '',
    initialReplicationPercent: item?.initialReplicationPercent ?? null,
    rpoSeconds: item?.rpo?.seconds ?? null,
    rpoAt: item?.rpo?.at ?? null,
    lastHeartbeat: isoTimeOrNull(details.mobilityAgentDetails?.lastHeartbeatUtc ?? details.lastHeartbeat),
    agentVersion: textOrNull(details.mobilityAgentDetails?.version ?? details.agentVersion),
    from: { region: item?.primary.region ?? '', zone: null },
    to: { region: item?.recovery.region ?? '', zone: item?.settings.zone ?? null },
    settings: toSettings(details, item),
  };
};

function toSettings(details: AnyDetails, item: ReturnType<typeof readItem>): ItemDetails['settings'] {
  const settings = item?.settings;
  const networkId = settings?.networkId ?? null;
  return {
    name: textOrNull(details.targetVmName ?? details.recoveryAzureVMName),
    size: settings?.size ?? null,
    resourceGroupId: textOrNull(settings?.resourceGroupId),
    networkId,
    nics: (settings?.nics ?? []).map((nic) => ({ ...nic, networkId, selection: null })),
    availabilitySetId: settings?.availabilitySetId ?? null,
    zone: settings?.zone ?? null,
    placementGroupId: settings?.placementGroupId ?? null,
    multiVmGroup: settings?.multiVmGroup ?? null,
    disks: (settings?.disks ?? []).map(({ id, name, managed, replicaType, targetType }, index) => {
      const raw = details.protectedDisks?.find(({ diskId }) => diskId === id);
      return {
        name,
        id,
        managed,
        os: raw?.isOSDisk === 'true' || (details.osDiskId !== undefined && details.osDiskId === id),
        state: null,
        percent: raw?.irDetails?.progressPercentage ?? null,
        cacheStorageAccountId: textOrNull(item?.disks[index]?.cacheStorageAccountId),
        replicaType,
        targetType,
        resourceGroupId: null,
        storageAccountId: managed
          ? null
          : textOrNull(details.storageAccountId ?? details.recoveryAzureStorageAccount),
      };
    }),
  };
}
