// The codes about one VM: the VM itself, its disks, its network interfaces and its readiness checks.
// Previews of enabling, requests to enable and updates of settings have them.
import { explainProblem } from './explanation.ts';

const LEAVE_OUT_OR_CHOOSE = 'Leave the field out, or name one of the values in the message.';
const OWN_SOURCE = 'Ask for the VM with its own source.';
const WARNED = 'Nothing. The VM can be enabled.';
const CHECKED = 'Only a failed check refuses the VM, unless "allowFailedChecks" names it.';

const VMS = {
  AlreadyProtected: explainProblem(
    'The VM is already replicated, in this vault or in another one. One vault is the limit.',
    'Name that vault, or disable that replication first.',
  ),
  EnablingFailedBefore: explainProblem(
    'An earlier attempt to replicate the VM has failed and left an item.',
    'Send disableReplication with the id of the item, then enable the VM again.',
  ),
  NotReady: explainProblem(
    'Some readiness checks of the VM have failed.',
    'Correct the faults of these checks, or name the checks in "allowFailedChecks".',
  ),
  NotReadYet: explainProblem(
    'Lifeboat has not read the replication settings of the VM yet.',
    'Send the command again after a minute.',
  ),
  AgentNotReady: explainProblem(
    'The VM agent of Azure does not answer, and Site Recovery installs its own agent through it.',
    'Install or start the VM agent, then ask again.',
  ),
  Deallocated: explainProblem(
    'The VM is deallocated, and replication can be enabled only while it runs.',
    'Start the VM if no other machine has its name and data. Then ask again.',
  ),
  Stopped: explainProblem(
    'The VM is stopped, and replication can be enabled only while it runs.',
    'Start the VM if no other machine has its name and data. Then ask again.',
  ),
  OtherSide: explainProblem(
    'The VM is the other side of a VM that is already replicated.',
    'Leave the VM off, and do not enable it.',
  ),
  TestVm: explainProblem(
    'The VM is a test VM of a test failover. The clean-up removes it.',
    'Do not enable the VM.',
  ),
  FailedOver: explainProblem(
    'The VM is a replica that a failover has started. Its replication continues after a reprotect.',
    'Send a reprotect, and do not enable the VM again.',
  ),
  InScaleSet: explainProblem(
    'The VM belongs to a scale set, and Lifeboat does not replicate members of scale sets.',
    'Leave the VM out, or move its workload to a VM of its own.',
  ),
  NoOsDisk: explainProblem(
    'Lifeboat sees no disk of the VM with an operating system.',
    'Check the disks of the VM in the portal.',
  ),
  MixedDisks: explainProblem(
    'Some disks of the VM are managed and some are not.',
    'Convert all disks to managed disks.',
  ),
  TooManyDisks: explainProblem(
    'The VM has more data disks than Site Recovery replicates.',
    'Leave some disks out with "exclude".',
  ),
  UnsupportedDisk: explainProblem(
    'Site Recovery does not replicate a disk of this kind or size.',
    'Leave the disk out with "exclude", or change the disk.',
  ),
  NotInRegion: explainProblem('The VM is not in the source region.', OWN_SOURCE),
  NotInSubscription: explainProblem('The VM is not in the source subscription.', OWN_SOURCE),
  NotInResourceGroup: explainProblem('The VM is not in the resource group of the source.', OWN_SOURCE),
  NotInCloudService: explainProblem('The VM is not in the cloud service of the source.', OWN_SOURCE),
  OtherModel: explainProblem('The deployment model of the VM is not that of the source.', OWN_SOURCE),
  NotInZone: explainProblem(
    'Within one region, Site Recovery replicates only VMs of a zone, to another zone.',
    'Name another target region.',
  ),
} as const;

const CLASSIC_VMS = {
  NotClassic: explainProblem(
    'A setting of the classic model was given for a VM of Resource Manager.',
    'Leave "cloudServiceId" out.',
  ),
  ClassicMisfit: explainProblem(
    'A setting was given that a VM of the classic model cannot have.',
    'Leave the field out.',
  ),
  NoClassicNetwork: explainProblem(
    'The classic VM is in no virtual network, and Site Recovery does not replicate such VMs.',
    'Migrate the VM to Resource Manager, or move it into a network.',
  ),
  GroupOfTwoModels: explainProblem(
    'A multi-VM group cannot have VMs of both deployment models.',
    'Ask for the classic VMs in a group of their own.',
  ),
} as const;

const DISKS = {
  DiskUnknown: explainProblem('The VM has no disk of this name.', LEAVE_OUT_OR_CHOOSE),
  DiskNamedTwice: explainProblem('The request names a disk twice.', 'Put all settings of a disk together.'),
  OsDiskLeftOut: explainProblem(
    'The request leaves out the disk with the operating system.',
    'Leave out data disks only.',
  ),
  DiskSettingMisfit: explainProblem(
    'A setting was given that such a disk cannot have. Managed and unmanaged disks have different settings.',
    'Leave the field out. The message lists the possible fields.',
  ),
  DiskTypeNotThere: explainProblem(
    'The target region has no zones, so it has no disks that are redundant over zones.',
    'Name one of the disk types in the message.',
  ),
} as const;

const NETWORK_INTERFACES = {
  NicUnknown: explainProblem(
    'The VM has no network interface of this name or id, or several of this name.',
    LEAVE_OUT_OR_CHOOSE,
  ),
  NicNamedTwice: explainProblem(
    'The request names a network interface twice.',
    'Put all settings of an interface together.',
  ),
  AddressNotInSubnet: explainProblem(
    'The address is outside the subnet, or Azure reserves it.',
    'Name another address, or null for any free address.',
  ),
  AddressTwice: explainProblem(
    'Two network interfaces would have the same address on that network.',
    'Give each interface its own address.',
  ),
} as const;

const GROUP_WARNINGS = {
  GroupLoad: explainProblem(
    'The VMs of a multi-VM group take their recovery points together, which is load on each of them.',
    'Put only VMs of one workload into a group.',
    WARNED,
  ),
  GroupFailsOverTogether: explainProblem(
    'The VMs of a multi-VM group fail over together, never one alone.',
    'Nothing, or leave a VM out of the group.',
    WARNED,
  ),
  StaysInItsGroup: explainProblem(
    'The VM is already enabled, with another multi-VM group or without one, and keeps that.',
    'Disable replication and enable it again to change the group.',
    WARNED,
  ),
} as const;

const CHECKS = {
  'PRE-2': explainProblem(
    'The check compares the vCPU quota of the target region with the need of all VMs.',
    'Ask Azure for more quota, or choose other sizes.',
    CHECKED,
  ),
  'PRE-3': explainProblem(
    'The check compares the size in the target region with the size of the source VM.',
    'Name another "size" if the chosen one does not suit the workload.',
    CHECKED,
  ),
  'PRE-4': explainProblem(
    'The check asks whether the VM reaches the endpoints of Site Recovery from its network.',
    'Correct the rule that the check names. POST /api/v1/network-rules gives rules that fit.',
    CHECKED,
  ),
  'PRE-6': explainProblem(
    'Azure does not show whether the VM has the current trusted root certificates.',
    'Check the certificates in the VM.',
    CHECKED,
  ),
  'PRE-7': explainProblem(
    'The check asks whether the members of the multi-VM group reach each other on port 20004.',
    'Correct the rule that the check names.',
    CHECKED,
  ),
  'PRE-8': explainProblem(
    'The check asks whether the subscription may create this size in the target region.',
    'Ask Azure for access to the size, or name another size.',
    CHECKED,
  ),
  'PRE-9': explainProblem(
    'Lifeboat cannot see a firewall or proxy between the VM and Site Recovery.',
    'Allow the addresses that GET /api/v1/firewall lists.',
    CHECKED,
  ),
  'PRE-10': explainProblem(
    'The check compares the VM with the support of Site Recovery. Azure does not show everything.',
    'Follow the remedy of the check.',
    CHECKED,
  ),
  'VAULT-1': explainProblem(
    'The check compares the region of the vault with the source and the target region.',
    'Name a vault in the target region, if possible.',
    CHECKED,
  ),
} as const;

export const ENABLING_VM_PROBLEMS = {
  ...VMS,
  ...CLASSIC_VMS,
  ...DISKS,
  ...NETWORK_INTERFACES,
  ...GROUP_WARNINGS,
  ...CHECKS,
} as const;
