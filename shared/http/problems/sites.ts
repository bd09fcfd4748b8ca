// The codes about machines on premises: their sites, their hosts, and the way home.
import { explainProblem } from './explanation.ts';

const IN_TARGET_REGION = 'Name a storage account in the target region.';

export const SITE_PROBLEMS = {
  SiteUnknown: explainProblem(
    'The vault has no site with this name.',
    'Name one of the sites in the message, or make the site with "prepareVault".',
  ),
  SiteWithoutHosts: explainProblem(
    'No host has registered in the site yet.',
    'Make a registration key with POST /api/v1/vaults/{vaultId}/registration-keys, and follow its steps on ' +
      'each host.',
  ),
  NothingToRegister: explainProblem(
    'The scenario has no servers that register in a vault.',
    'Enable replication of the VMs without a key.',
  ),
  OtherPolicyOfSite: explainProblem(
    'The site is associated with another replication policy.',
    'Name the policy in the message.',
  ),
  NotReadyOnHost: explainProblem(
    'The host reports a reason against the protection of the machine.',
    'Follow the reason in the message.',
  ),
  UnsupportedMachine: explainProblem(
    'The machine has a part that Site Recovery cannot replicate.',
    'Remove the part from the machine.',
  ),
  NoDisks: explainProblem(
    'Site Recovery shows no disk of the machine.',
    'Wait for the next report of its host, then send the request again.',
  ),
  OsTypeMissing: explainProblem(
    'Site Recovery does not show the operating system of the machine.',
    'Name it in "osType".',
  ),
  OsDiskMissing: explainProblem(
    'The machine has several disks, and the request does not say which one holds the operating system.',
    'Name the disk in "perVm", in "osDisk".',
  ),
  StorageMissing: explainProblem(
    'The request names no storage account for the changes of the machine.',
    IN_TARGET_REGION,
  ),
  StorageUnknown: explainProblem(
    'The storage account does not exist, or Lifeboat cannot see it.',
    IN_TARGET_REGION,
  ),
  StorageElsewhere: explainProblem('The storage account is in another region.', IN_TARGET_REGION),
  SettingNotOfScenario: explainProblem(
    'A VM of this scenario has no such setting.',
    'Leave the setting out.',
  ),
  FailbackNotPossible: explainProblem(
    'A VM with managed disks or in a proximity placement group cannot fail back to Hyper-V.',
    'Leave the VM in Azure. In a preview: set "managedDisks" to false, and name no placement group.',
  ),
  NoRecoveryPointAtFailback: explainProblem(
    'A failback to a machine on premises copies the present data, and takes no recovery point.',
    'Leave "recoveryPoint" out.',
  ),
  ServerUnknown: explainProblem(
    'The site has no appliance and no process server with this name.',
    'Name one of the servers in the message.',
  ),
  AccountUnknown: explainProblem(
    'The site has no account with this name for the installation of the agent.',
    'Name one of the accounts in the message, or add the account to the appliance.',
  ),
  VCenterOfAppliance: explainProblem(
    'A replication appliance gets its vCenter in its own setup.',
    'Leave "vCenter" out, and add the vCenter in the appliance.',
  ),
  MachineOff: explainProblem('The machine does not run.', 'Start the machine.'),
  ManagedDisksOnly: explainProblem(
    'Machines of this scenario replicate to managed disks only.',
    'Leave "managedDisks" out.',
  ),
  LogAccountPremium: explainProblem('The storage account of the changes is a premium one.', IN_TARGET_REGION),
  RetentionTooLong: explainProblem(
    'The server of the site cannot keep recovery points for so long.',
    'Name a shorter time in "policy", or use a replication appliance.',
  ),
  WayBackNotReady: explainProblem(
    'A server or a policy of the way of the replication is missing or without contact.',
    'Follow the message, or name another server in "wayBack".',
  ),
  WayBackNotUsed: explainProblem(
    'A reprotect of this scenario uses no server on premises.',
    'Leave "wayBack" out, or name the other VMs in a command of their own.',
  ),
} as const;
