// The types of an update of target settings: the request, the current settings and the changes.
// Each driver decides which changes are possible.
import * as z from 'zod';
import {
  AvailabilitySetId,
  DiskType,
  NetworkId,
  PlacementGroupId,
  ResourceGroupName,
  ResourceName,
  Zone,
} from './requestFields.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { Availability } from '../../siterecovery/vmSettings.ts';

/** The requested change of one network interface. */
export const NicUpdate = z.strictObject({
  /** The name or ARM id of the interface. */
  nic: z.string().min(1).max(500),
  subnet: ResourceName.optional(),
  /** Null: any free address. */
  address: z.ipv4('must be an IPv4 address').nullable().optional(),
});
/** The requested change of one disk. */
export const DiskUpdate = z.strictObject({
  /** The name or ARM id of a managed disk. */
  disk: z.string().min(1).max(1000),
  replicaType: DiskType.optional(),
  targetType: DiskType.optional(),
});

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

/** The verdict about an update. */
export interface UpdateVerdict {
  readonly verdict: 'update' | 'alreadySo' | 'refused';
  readonly refusals: readonly Refusal[];
  readonly changes: SettingChanges;
}

/** Codes of problems with a change of target settings. */
export const CHANGE_PROBLEM_CODES = [
  'AddressNotInSubnet',
  'AddressTwice',
  'AvailabilityTypeFixed',
  'ClassicMisfit',
  'DiskSettingMisfit',
  'DiskTypeNotThere',
  'DiskUnknown',
  'GroupInSourceRegion',
  'GroupUnknown',
  'NetworkElsewhere',
  'NetworkUnknown',
  'NicNamedTwice',
  'NicUnknown',
  'NoSubnet',
  'NotReadYet',
  'PlacementGroupElsewhere',
  'PlacementGroupInOtherGroup',
  'PlacementGroupInOtherZone',
  'PlacementGroupNeedsManagedDisks',
  'PlacementGroupStays',
  'PlacementGroupUnknown',
  'SameZone',
  'SetElsewhere',
  'SetForOtherDisks',
  'SetInOtherGroup',
  'SetInOtherPlacementGroup',
  'SetUnknown',
  'SettingNotOfScenario',
  'SizeNotThere',
  'SubnetUnknown',
  'ZoneStays',
  'ZoneUnknown',
] as const;
