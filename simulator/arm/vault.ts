// Builds a Recovery Services vault in Azure's format.

import { stableGuid } from './guid.ts';
import { parseArmId } from './ids.ts';
import { RESOURCE_TYPES } from './resource-types.ts';
import type { Resource } from './resource.ts';

export function vaultResource(
  id: string,
  location: string,
  tags?: Readonly<Record<string, string>>,
): Resource {
  return {
    location,
    name: parseArmId(id)?.name ?? id,
    etag: `W/"datetime'${stableGuid(id, 'etag')}'"`,
    ...(tags && { tags }),
    properties: {
      provisioningState: 'Succeeded',
      privateEndpointStateForBackup: 'None',
      privateEndpointStateForSiteRecovery: 'None',
      backupStorageVersion: 'Unassigned',
      monitoringSettings: {
        azureMonitorAlertSettings: { alertsForAllJobFailures: 'Enabled' },
        classicAlertSettings: { alertsForCriticalOperations: 'Enabled' },
      },
      securitySettings: {
        immutabilitySettings: null,
        softDeleteSettings: { softDeleteRetentionPeriodInDays: 14, softDeleteState: 'Enabled' },
        multiUserAuthorization: 'Disabled',
      },
      publicNetworkAccess: 'Enabled',
      restoreSettings: { crossSubscriptionRestoreSettings: { crossSubscriptionRestoreState: 'Enabled' } },
    },
    id,
    type: RESOURCE_TYPES.vault,
    sku: { name: 'RS0' },
  };
}
