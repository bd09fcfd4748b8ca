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
  nic: z.string().min(1).max(500).describe('The name or the ARM id of the interface.'),
  subnet: ResourceName.optional().describe('The name of the new target subnet. Default: as before.'),
  address: z
    .ipv4('must be an IPv4 address')
    .nullable()
    .optional()
    .describe('The new address; null: any free address. Default: as before.'),
});
/** The requested change of one disk. */
export const DiskUpdate = z.strictObject({
  disk: z.string().min(1).max(1000).describe('The name or the ARM id of a managed disk.'),
  replicaType: DiskType.optional().describe('The new type of the replica. Default: as before.'),
  targetType: DiskType.optional().describe('The new type after a failover. Default: as before.'),
});

/** Request to change the target settings of a replicated VM. */
export const UpdateRequest = z
  .strictObject({
    size: z
      .string()
      .trim()
      .min(1)
      .max(60)
      .optional()
      .describe('The new size, such as Standard_D4s_v5. Default: as before.'),
    networkId: NetworkId.optional().describe('The ARM id of the new target network. Default: as before.'),
    testNetworkId: NetworkId.optional().describe('The ARM id of the network for drills. Default: as before.'),
    nics: z
      .array(NicUpdate)
      .min(1)
      .max(8)
      .optional()
      .describe('Changes of network interfaces. Default: none.'),
    resourceGroup: ResourceGroupName.optional().describe(
      'The name of an existing resource group in the target subscription. Default: as before.',
    ),
    availability: z
      .enum(['single', 'set', 'zone'])
      .optional()
      .describe('The availability type, which cannot change once replication is on. Default: as before.'),
    availabilitySetId: AvailabilitySetId.optional().describe(
      'The ARM id of another availability set. Default: as before.',
    ),
    zone: Zone.optional().describe('The number of another zone. Default: as before.'),
    placementGroupId: PlacementGroupId.nullable()
      .optional()
      .describe('The ARM id of another placement group. Null would remove it, and is refused.'),
    diskTypes: z
      .array(DiskUpdate)
      .min(1)
      .max(65)
      .optional()
      .describe('Changes of disk types. Default: none.'),
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
