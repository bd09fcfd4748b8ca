// The types of an update: the request, the current settings and the resulting changes. All update
// rules use them.

import * as z from 'zod';
import {
  DiskType,
  ResourceGroupName,
  ResourceName,
  Zone,
  AvailabilitySetId,
  PlacementGroupId,
  NetworkId,
} from '../request/request.ts';
import type { Availability } from '../../../siterecovery/vmSettings.ts';
import type { Lookup } from '../lookup.ts';
import type { Refusal } from '../../../core/refusal.ts';

/** The requested change of one network interface. */
export const NicUpdate = z.strictObject({
  nicId: z.string().min(1).max(500),
  subnet: ResourceName.optional(),
  /** Null: any free address. */
  address: z.ipv4('must be an IPv4 address').nullable().optional(),
});
/** The requested change of one disk. */
export const DiskUpdate = z.strictObject({
  disk: z.string().min(1).max(1000),
  replicaType: DiskType.optional(),
  targetType: DiskType.optional(),
});

/** The current settings of a replicated VM, according to its item. */
export interface CurrentSettings {
  readonly name: string;
  readonly source: { readonly region: string; readonly zone: string | null };
  readonly target: { readonly region: string; readonly subscription: string };
  readonly generation: 'V1' | 'V2' | null;
  readonly size: string;
  readonly resourceGroupId: string;
  /** True for a VM of the classic model. */
  readonly isClassic: boolean;
  readonly networkId: string | null;
  readonly testNetworkId: string | null;
  readonly availability: Availability;
  readonly placementGroupId: string | null;
  readonly nics: readonly { readonly id: string; readonly subnet: string; readonly address: string | null }[];
  /** The configured addresses of other replicated VMs, if known. */
  readonly addresses?: readonly {
    readonly vm: string;
    readonly networkId: string;
    readonly address: string;
  }[];
  readonly disks: readonly {
    readonly id: string;
    readonly name: string;
    readonly isOs: boolean;
    readonly managed: boolean;
    readonly replicaType: string | null;
    readonly targetType: string | null;
  }[];
}
/** Request to change the target settings of a replicated VM. */
export const UpdateRequest = z
  .strictObject({
    size: z.string().trim().min(1).max(60).optional(),
    networkId: NetworkId.optional(),
    testNetworkId: NetworkId.optional(),
    nics: z.array(NicUpdate).min(1).max(8).optional(),
    /** The name of an existing group. */
    resourceGroup: ResourceGroupName.optional(),
    availability: z.enum(['single', 'set', 'zone']).optional(),
    availabilitySetId: AvailabilitySetId.optional(),
    zone: Zone.optional(),
    /** Null would remove the group; Lifeboat refuses this. */
    placementGroupId: PlacementGroupId.nullable().optional(),
    diskTypes: z.array(DiskUpdate).min(1).max(65).optional(),
  })
  .refine(
    (request) => Object.values(request).some((value) => value !== undefined),
    'names nothing that is to change',
  );
/** Request to change the target settings of a replicated VM. */
export type UpdateRequest = z.infer<typeof UpdateRequest>;

/** Only the settings that differ from the current ones; ids in the spelling of Azure. */
export interface SettingChanges {
  size?: string;
  networkId?: string;
  testNetworkId?: string;
  nics?: readonly { readonly nicId: string; readonly subnet?: string; readonly address?: string | null }[];
  resourceGroupId?: string;
  availabilitySetId?: string;
  zone?: string;
  placementGroupId?: string;
  disks?: readonly { readonly id: string; readonly replicaType?: string; readonly targetType?: string }[];
}

/** The input of the update rules, and the lists that they fill. */
export interface UpdateContext {
  readonly lookup: Lookup;
  readonly current: CurrentSettings;
  readonly request: UpdateRequest;
  readonly refusals: Refusal[];
  readonly changes: SettingChanges;
}
