// The codes about the source, the target and the vault. Previews of enabling, requests to enable and
// updates of settings have them.
import { explainProblem } from './explanation.ts';

const CHOOSE = 'Name one of the values in the message.';
const CHOOSE_OR_NONE = 'Name one of the values in the message, or leave the field out.';
const WARNED = 'Nothing. The VMs can be enabled.';

const SOURCES = {
  SourceMissing: explainProblem(
    'The request names neither a source nor a VM.',
    'Name "source" with its region and subscription, or name VMs.',
  ),
  SourceUnknown: explainProblem(
    'None of the named VMs exists or is visible, and the request names no source.',
    'Name VMs that exist, or "source".',
  ),
  SourceUnclear: explainProblem(
    'The VMs are in several regions or subscriptions.',
    'Name "source", or send a request for each region and subscription.',
  ),
  CloudServiceMissing: explainProblem(
    'Classic VMs are found by their cloud service, and the source names none.',
    'Name the cloud service in "source".',
  ),
  AuthenticatingProxy: explainProblem(
    'The VMs use a proxy that asks for a sign-in, and Site Recovery does not support that.',
    'Let the VMs pass the proxy without a sign-in, or go around it.',
  ),
  OtherGeography: explainProblem(
    'Source and target are in different geographies, so the data leave their geography.',
    'Nothing, or name a target region in the same geography.',
    WARNED,
  ),
} as const;

const VAULTS = {
  VaultElsewhere: explainProblem(
    'The vault exists in another region than the requested one.',
    'Name the region of the vault, leave it out, or name another vault.',
  ),
  VaultInSourceRegion: explainProblem(
    'The vault is in the source region, so an outage of that region also takes the vault.',
    'Name a vault in another region, best in the target region.',
  ),
  VaultInSameRegion: explainProblem(
    'The vault is in the region of both zones, and fails with that region.',
    'Nothing, or name a vault in another region.',
    WARNED,
  ),
  VaultNotInTargetRegion: explainProblem(
    'The vault is neither in the source nor in the target region. The target region is recommended.',
    'Nothing, or name a vault in the target region.',
    WARNED,
  ),
  PolicyDiffers: explainProblem(
    'The vault has a policy of this name with other values than the request.',
    'Give another name, or ask for the values of the existing policy.',
  ),
} as const;

const RESOURCE_GROUPS_AND_SIZES = {
  GroupUnknown: explainProblem(
    'The resource group does not exist in the target subscription, or Lifeboat cannot see it.',
    CHOOSE,
  ),
  GroupInSourceRegion: explainProblem(
    'The resource group is in the source region, so it cannot be the target.',
    CHOOSE,
  ),
  TargetServiceUnknown: explainProblem(
    'The cloud service is not in the target region and subscription, or Lifeboat cannot see it.',
    CHOOSE,
  ),
  TargetServiceMissing: explainProblem(
    'The target region has no cloud service for the classic VM, and Azure makes no new ones.',
    'Name another service in "cloudServiceId".',
  ),
  SizeNotThere: explainProblem('The VM cannot have this size in the target region.', CHOOSE),
  SizeUnknown: explainProblem(
    'Azure does not list the size of the source VM, so Lifeboat finds no size close to it.',
    'Name a "size".',
  ),
  NoSize: explainProblem(
    'The subscription can have no size in the target region that fits the VM.',
    'Ask Azure for access to a size there, or choose another region or zone.',
  ),
  NoAcceleratedNetworking: explainProblem(
    'The VM has accelerated networking now, and its size in the target region has none.',
    'Nothing, or name a size that has it.',
    WARNED,
  ),
} as const;

const NETWORKS = {
  NetworkUnknown: explainProblem('The network does not exist, or Lifeboat cannot see it.', CHOOSE),
  NetworkOfOtherModel: explainProblem('The network has another deployment model than the VM.', CHOOSE),
  NetworkMissing: explainProblem(
    'The target region has no such classic network, and Azure makes no new ones.',
    'Name another network in "networkId".',
  ),
  SourceNetworkUnknown: explainProblem(
    'Lifeboat cannot see the network of the VM, so it cannot choose a target network.',
    'Name the target network in "networkId".',
  ),
  NoSubnet: explainProblem('The network has no subnet.', 'Add a subnet, or name another network.'),
  SubnetUnknown: explainProblem('The network has no subnet of this name.', CHOOSE),
  MappedElsewhere: explainProblem(
    'The vault maps the source network to another network, which these VMs cannot use.',
    'Nothing, or change the mapping in the vault.',
    WARNED,
  ),
  NetworksShareTarget: explainProblem(
    'Several source networks replicate to one target network, so failback goes to one of them.',
    'Name the network at failback, or use a target network for each source network.',
    WARNED,
  ),
} as const;

const STORAGE_ACCOUNTS = {
  StorageAccountUnknown: explainProblem(
    'The storage account does not exist, or Lifeboat cannot see it.',
    CHOOSE_OR_NONE,
  ),
  AccountOfOtherModel: explainProblem(
    'The storage account has another deployment model than the disks.',
    CHOOSE_OR_NONE,
  ),
  DiskAccountElsewhere: explainProblem(
    'The storage account for the disks is not in the target region and subscription.',
    CHOOSE_OR_NONE,
  ),
  DiskAccountNotPremium: explainProblem(
    'The disks are in a premium account, and the named account for them is a standard one.',
    CHOOSE_OR_NONE,
  ),
  DiskAccountMissing: explainProblem(
    'The target region has no such classic storage account, and Azure makes no new ones.',
    'Name another account in "diskStorageAccountId".',
  ),
  NoAccountName: explainProblem(
    'Other companies already have all names that Lifeboat tries for a storage account.',
    'Make an account yourself, and name it in the field of the message.',
  ),
} as const;

const AVAILABILITY = {
  AvailabilityUnclear: explainProblem(
    'The request names more than one kind of availability for a VM.',
    'Name only "zone", only "availabilitySetId", or "availability": "single".',
  ),
  ZoneMissing: explainProblem(
    'Source and target region are the same, and the request names no target zone.',
    'Name one of the zones in the message.',
  ),
  ZoneUnknown: explainProblem('The target region has no such zone.', CHOOSE),
  ZoneOnly: explainProblem(
    'Within one region a VM goes to another zone, and the request asks for something else.',
    'Name one of the zones in the message.',
  ),
  ZoneNotPossible: explainProblem(
    'The source VM is in no set and in no zone, so it stays a single instance.',
    'Leave the zone out.',
  ),
  ZoneStays: explainProblem(
    'Site Recovery cannot change the zone of a VM that it replicates.',
    'Disable replication and enable it again with the other zone.',
  ),
  SameZone: explainProblem('The VM is in this zone now, or the region has no such zone.', CHOOSE),
  NoZones: explainProblem('The target region has no zones.', 'Leave the zone out.'),
  SetMissing: explainProblem(
    'The source VM is in no availability set, so Lifeboat has none to mirror.',
    'Name a set of the target region in "availabilitySetId".',
  ),
  SetNotPossible: explainProblem(
    'The VM goes to a zone or stays a single instance, so it cannot have an availability set.',
    'Leave the availability set out.',
  ),
  SetUnknown: explainProblem('The availability set does not exist, or Lifeboat cannot see it.', CHOOSE),
  SetElsewhere: explainProblem('The availability set is not in the target region.', CHOOSE),
  SetInOtherGroup: explainProblem(
    'The availability set and the VM would be in different resource groups.',
    'Name a set of that resource group, or the resource group of the set.',
  ),
  SetForOtherDisks: explainProblem(
    'The availability set is for managed disks and the VM has unmanaged disks, or the reverse.',
    CHOOSE,
  ),
  SetInPlacementGroup: explainProblem(
    'The request asks for no placement group, and the availability set is in one.',
    'Name that placement group, or another set.',
  ),
  SetInOtherPlacementGroup: explainProblem(
    'The availability set is in another placement group than the VM would be.',
    'Name the placement group of the set, or another set.',
  ),
} as const;

const PLACEMENT_GROUPS = {
  PlacementGroupUnknown: explainProblem(
    'The proximity placement group does not exist, or Lifeboat cannot see it.',
    CHOOSE,
  ),
  PlacementGroupElsewhere: explainProblem(
    'The proximity placement group is not in the target region, zone or resource group.',
    CHOOSE,
  ),
  PlacementGroupInOtherGroup: explainProblem(
    'The proximity placement group and the VM would be in different resource groups.',
    'Name that resource group, or another placement group.',
  ),
  PlacementGroupInOtherZone: explainProblem(
    'The proximity placement group is in another zone than the VM would be.',
    CHOOSE,
  ),
  PlacementGroupNeedsManagedDisks: explainProblem(
    'A VM with unmanaged disks cannot be in a proximity placement group.',
    'Convert the disks to managed disks, or ask for no placement group.',
  ),
} as const;

export const ENABLING_TARGET_PROBLEMS = {
  ...SOURCES,
  ...VAULTS,
  ...RESOURCE_GROUPS_AND_SIZES,
  ...NETWORKS,
  ...STORAGE_ACCOUNTS,
  ...AVAILABILITY,
  ...PLACEMENT_GROUPS,
} as const;
