// Changing where a replicated VM goes, while it replicates: what may be changed, and what would need replication to be disabled first.
import * as z from 'zod';
import { sameId } from '../item.ts';
import type { Facts } from './facts.ts';
import { lookup, type Lookup } from './lookup.ts';
import { refuse } from './notes.ts';
import type { Availability, Refusal } from './preview.ts';
import { judgeNetworks } from './updateNetwork.ts';
import { judgePlacing } from './updatePlacing.ts';
import { judgeSize } from './updateSize.ts';
import { DiskType, GroupName, Name, NetworkId, PlacementGroupId, SetId, Zone } from './wish.ts';

const NicUpdate = z.strictObject({
  nicId: z.string().min(1).max(500),
  subnet: Name.optional(),
  /** Null: whatever address is free. */
  address: z.ipv4('must be an IPv4 address').nullable().optional(),
});
const DiskUpdate = z.strictObject({ disk: z.string().min(1).max(1000), replicaType: DiskType.optional(), targetType: DiskType.optional() });

export const UpdateWish = z.strictObject({
  size: z.string().trim().min(1).max(60).optional(),
  networkId: NetworkId.optional(),
  testNetworkId: NetworkId.optional(),
  nics: z.array(NicUpdate).min(1).max(8).optional(),
  /** An existing one, by name. */
  resourceGroup: GroupName.optional(),
  availability: z.enum(['single', 'set', 'zone']).optional(),
  availabilitySetId: SetId.optional(),
  zone: Zone.optional(),
  /** Null would remove it, which is refused. */
  placementGroupId: PlacementGroupId.nullable().optional(),
  diskTypes: z.array(DiskUpdate).min(1).max(65).optional(),
}).refine((wish) => Object.values(wish).some((value) => value !== undefined), 'names nothing that is to change');
export type UpdateWish = z.infer<typeof UpdateWish>;

/** A replicated VM as its item shows it now. */
export interface Present {
  readonly name: string;
  readonly source: { readonly region: string; readonly zone: string | null };
  readonly target: { readonly region: string; readonly subscription: string };
  readonly generation: 'V1' | 'V2' | null;
  readonly size: string;
  readonly resourceGroupId: string;
  /** A VM of the classic model. */
  readonly classic: boolean;
  readonly networkId: string | null;
  readonly testNetworkId: string | null;
  readonly availability: Availability;
  readonly placementGroupId: string | null;
  readonly nics: readonly { readonly id: string; readonly subnet: string; readonly address: string | null }[];
  /** That other replicated VMs are to have, where that was looked at. */
  readonly addresses?: readonly { readonly vm: string; readonly networkId: string; readonly address: string }[];
  readonly disks: readonly { readonly id: string; readonly name: string; readonly isOs: boolean; readonly managed: boolean; readonly replicaType: string | null; readonly targetType: string | null }[];
}

/** Only what differs from what is there; ids as Azure spells them. */
export interface Changes {
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

export interface UpdateVerdict {
  readonly verdict: 'update' | 'alreadySo' | 'refused';
  readonly refusals: readonly Refusal[];
  readonly changes: Changes;
}

/** What the rules of an update look at, and where they say what they found. */
export interface Case {
  readonly look: Lookup;
  readonly present: Present;
  readonly wish: UpdateWish;
  readonly refusals: Refusal[];
  readonly changes: Changes;
}

export function judgeUpdate(facts: Facts, present: Present, wish: UpdateWish): UpdateVerdict {
  const one: Case = { look: lookup(facts), present, wish, refusals: [], changes: {} };
  if (present.classic) judgeClassic(one);
  else {
    judgePlacing(one);
    judgeNetworks(one);
  }
  judgeSize(one);
  judgeDisks(one);
  const { refusals, changes } = one;
  if (refusals.length > 0) return { verdict: 'refused', refusals, changes: {} };
  return { verdict: Object.keys(changes).length > 0 ? 'update' : 'alreadySo', refusals, changes };
}

function judgeClassic(one: Case): void {
  const misfit = (['resourceGroup', 'networkId', 'testNetworkId', 'nics', 'availability', 'availabilitySetId', 'zone', 'placementGroupId'] as const).find((what) => one.wish[what] !== undefined);
  if (misfit) refuse(one, 'ClassicMisfit', `"${misfit}" of ${one.present.name} cannot be changed: it is a VM of the classic model, of which only the size can be. Leave it out, or disable replication and enable it again.`);
}

function judgeDisks(one: Case): void {
  const { present, wish } = one;
  const changed = (wish.diskTypes ?? []).flatMap((wished) => {
    const disk = present.disks.find(({ id, name }) => sameId(id, wished.disk) || sameId(name, wished.disk));
    if (!disk) refuse(one, 'DiskUnknown', `No disk "${wished.disk}" of ${present.name} is replicated. Those that are: ${present.disks.map(({ name }) => name).sort().join(', ')}.`);
    else if (!disk.managed) refuse(one, 'DiskSettingMisfit', `The disk ${disk.name} is not managed and has no type of its own: its storage account decides. Leave it out.`);
    if (!disk?.managed) return [];
    const { replicaType, targetType } = wished;
    const zoned = [replicaType, targetType].find((type) => type?.endsWith('_ZRS'));
    if (zoned && (one.look.regionNamed.get(present.target.region)?.zones ?? []).length === 0) refuse(one, 'DiskTypeNotThere', `The region ${present.target.region} has no zones, so there are no disks of the type ${zoned}. Name Standard_LRS, StandardSSD_LRS or Premium_LRS.`);
    const change = {
      id: disk.id,
      ...(replicaType !== undefined && replicaType !== disk.replicaType && { replicaType }),
      ...(targetType !== undefined && targetType !== disk.targetType && { targetType }),
    };
    return Object.keys(change).length > 1 ? [change] : [];
  });
  if (changed.length > 0) one.changes.disks = changed;
}
