// Response schemas of the enabling preview, the readiness checks and the network rules.
import * as z from 'zod';
import type { ReadinessResult } from '../../enabling/readiness.ts';
import type * as prerequisite from '../../azure/prerequisite.ts';
import type * as enabling from '../../scenarios/enabling/preview.ts';
import type * as change from '../../jobs/previewChange.ts';
import type * as settings from '../../siterecovery/vmSettings.ts';
import { SCENARIO_NAMES } from './scenarios.ts';
import type { SecurityGroupFix } from '../../scenarios/enabling/support.ts';
import type { confirmationView } from '../confirmationView.ts';
import {
  count,
  IdAndName,
  MultiVmGroup,
  nullableText,
  pageOf,
  Refusal,
  text,
  texts,
  time,
  Warning,
} from './common.ts';

const LastConfirmation = z
  .strictObject({
    by: IdAndName.describe('The person who confirmed the check.'),
    at: time.describe('The time of the confirmation.'),
    until: time.describe('The end of its validity.'),
    note: nullableText.describe('The note of the person, if any.'),
  })
  .nullable()
  .exactOptional();
const verdict = z
  .enum(['pass', 'warn', 'fail', 'manual'])
  .describe('The result. "fail" refuses the VM, unless the request allows it; "manual" asks a person.');
const ReadinessCheck = z.strictObject({
  id: text.describe('The id of the check, such as PRE-4.'),
  name: text.describe('The name of the check.'),
  verdict,
  message: text.describe('The result in words.'),
  remedy: nullableText.describe(
    'The next action; for a manual check, the instructions; null: nothing to do.',
  ),
  confirmation: LastConfirmation.meta({
    description:
      'Only for manual checks: the last confirmation by a person. The verdict says whether it is valid.',
  }),
}) satisfies z.ZodType<enabling.ReadinessCheck>;
const specOfKind = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind).describe('The kind of the prerequisite.'), ...shape });

const region = text.describe('The short name of the region.');
const subscription = text.describe('The id of the subscription.');
const addressPrefixes = texts.describe('The address ranges, such as 10.20.1.0/24.');
const form = text.optional().describe('The form of the policy, in a scenario with several forms.');
const PrerequisiteSpec = z.discriminatedUnion('kind', [
  specOfKind('vault', { region }),
  specOfKind('resourceGroup', { region }),
  specOfKind('fabric', { region }),
  specOfKind('site', {}),
  specOfKind('vCenter', {
    address: text.describe('The name or the address of the vCenter.'),
    port: text.describe('The port of the vCenter.'),
    serverId: text.describe('The id of the server that reads the vCenter.'),
    accountId: text.describe('The id of the account that reads the vCenter.'),
  }),
  specOfKind('container', {}),
  specOfKind('network', {
    region,
    addressPrefixes,
    subnets: z
      .array(z.strictObject({ name: text.describe('The name of the subnet.'), addressPrefixes }))
      .describe('The subnets of the network.'),
  }),
  specOfKind('storageAccount', {
    region,
    sku: text.describe('The performance and redundancy, such as Standard_LRS.'),
    accountKind: text.describe('The kind of the account, such as StorageV2.'),
    use: z
      .enum(['cache', 'disks'])
      .describe('cache: changes on their way. disks: replicas of unmanaged disks.'),
  }),
  specOfKind('placementGroup', {
    region,
    zone: nullableText.describe('The zone of the group; null: none.'),
    sizes: texts.describe('The VM sizes that the group must hold.'),
  }),
  specOfKind('availabilitySet', {
    region,
    faultDomains: count.describe('The number of fault domains.'),
    updateDomains: count.describe('The number of update domains.'),
    aligned: z.boolean().describe('True: for VMs with managed disks.'),
    placementGroupId: nullableText.describe('The ARM id of the placement group of the set; null: none.'),
  }),
  specOfKind('policy', {
    retentionMinutes: count.describe('How long recovery points stay, in minutes.'),
    appConsistentMinutes: count.describe('Minutes between app-consistent points; 0: none.'),
    form,
  }),
  specOfKind('containerMapping', {
    toContainerId: text.describe('The ARM id of the target container.'),
    policyId: text.describe('The ARM id of the policy.'),
    form,
  }),
  specOfKind('recoveryPlan', {
    primaryFabricId: text.describe('The ARM id of the source fabric.'),
    recoveryFabricId: text.describe('The ARM id of the target fabric.'),
    items: z
      .array(
        z.strictObject({
          id: text.describe('The ARM id of the replicated item.'),
          virtualMachineId: text.describe('The ARM id of its VM.'),
        }),
      )
      .describe('The members of the multi-VM group.'),
  }),
  specOfKind('networkMapping', {
    networkId: text.describe('The ARM id of the source network.'),
    recoveryNetworkId: text.describe('The ARM id of the target network.'),
    recoveryFabricName: text.describe('The name of the target fabric.'),
  }),
]) satisfies z.ZodType<prerequisite.PrerequisiteSpec>;

const Prerequisite = z.strictObject({
  id: text.describe('The ARM id of the resource.'),
  name: text.describe('The name of the resource.'),
  action: z
    .enum(['create', 'reuse'])
    .describe('Whether Lifeboat creates the resource, or uses an existing one.'),
  reason: text.describe('The reason for this choice.'),
  needs: texts.describe('The ids of the prerequisites that must exist before.'),
  spec: PrerequisiteSpec.describe('The kind of the resource, and the values for its creation.'),
}) satisfies z.ZodType<prerequisite.Prerequisite>;

const availabilityType = <Type extends string>(type: Type) =>
  z.literal(type).describe('Single VM, availability set, or zone.');
const Availability = z.discriminatedUnion('type', [
  z.strictObject({ type: availabilityType('single') }),
  z.strictObject({
    type: availabilityType('set'),
    setId: text.describe('The ARM id of the availability set.'),
  }),
  z.strictObject({ type: availabilityType('zone'), zone: text.describe('The number of the zone.') }),
]);
const diskFields = <Managed extends boolean>(managed: Managed) => ({
  managed: z.literal(managed).describe('True: a managed disk.'),
  id: text.describe('The ARM id of the disk, or the blob address of an unmanaged disk.'),
  cacheStorageAccountId: text.describe('The ARM id of the cache storage account, in the source region.'),
});
const DiskSettings = z.discriminatedUnion('managed', [
  z.strictObject({
    ...diskFields(true),
    resourceGroupId: text.describe('The ARM id of the resource group of the replica.'),
    replicaType: text.describe('The type of the replica disk, such as Premium_LRS.'),
    targetType: text.describe('The type of the disk after a failover.'),
  }),
  z.strictObject({
    ...diskFields(false),
    storageAccountId: text.describe('The ARM id of the storage account that holds the replica.'),
  }),
]);
const NicSettings = z.strictObject({
  id: text.describe('The ARM id of the interface of the source VM.'),
  name: text.describe('The name of the interface.'),
  primary: z.boolean().describe('True: the primary interface of the VM.'),
  sourceSubnet: text.describe('The name of the source subnet.'),
  subnet: text.describe('The name of the target subnet.'),
  address: nullableText.describe('The address after a failover; null: any free address.'),
}) satisfies z.ZodType<settings.NicSettings>;
const OnPremisesSettings = z.strictObject({
  osType: z.enum(['Windows', 'Linux']).describe('The operating system.'),
  osDiskId: text.describe('The id of the disk with the operating system.'),
  diskIds: texts.describe('The ids of the replicated disks.'),
  targetName: text.describe('The name of the VM in Azure.'),
  subnet: text.describe('The name of the target subnet.'),
  storageAccountId: text.describe('The ARM id of the account that receives the changes.'),
  managedDisks: z.boolean().describe('True: the VM in Azure has managed disks.'),
  replication: z
    .strictObject({
      form: text.describe("Site Recovery's name of the form of the item."),
      serverId: text.describe('The id of the server that passes the changes on.'),
      accountId: nullableText.describe('The id of the account that installs the agent; null: none.'),
      diskType: text.describe('The type of the managed disks in Azure.'),
    })
    .exactOptional()
    .describe('Only for a replication through servers on premises.'),
});
const VmSettings = z.strictObject({
  containerId: text.describe('The ARM id of the source container.'),
  recoveryContainerId: text.describe('The ARM id of the target container.'),
  policyId: text.describe('The ARM id of the replication policy.'),
  resourceGroupId: text.describe('The ARM id of the resource group of the VM after a failover.'),
  networkId: text.describe('The ARM id of the target network.'),
  nics: z.array(NicSettings).describe('The network interfaces, the primary one first.'),
  size: nullableText.describe('The size after a failover; null: the size of the source.'),
  availability: Availability.describe('The availability after a failover.'),
  placementGroupId: nullableText.describe('The ARM id of the placement group; null: none.'),
  multiVmGroup: MultiVmGroup.describe('The multi-VM group; null: none.'),
  disks: z.array(DiskSettings).describe('The replicated disks.'),
  cloudServiceId: text
    .exactOptional()
    .describe('Only for a classic VM: the ARM id of the target cloud service.'),
  onPremises: OnPremisesSettings.exactOptional().describe('Only for a machine on premises.'),
}) satisfies z.ZodType<settings.VmSettings>;

const VmPreview = z.strictObject({
  vmId: text.describe('The ARM id of the source VM.'),
  name: text.describe('The name of the VM.'),
  verdict: z
    .enum(['enable', 'alreadyEnabled', 'refused'])
    .describe('What the request would do with this VM.'),
  refusals: z.array(Refusal).describe('The reasons against this VM.'),
  summary: text.describe('The verdict in words, with the codes of the warnings.'),
  warnings: z.array(Warning).describe('What to know, with the failed checks that the request allows.'),
  checks: z.array(ReadinessCheck).describe('The readiness checks of this VM.'),
  itemId: text.describe('The ARM id of the replicated item.'),
  settings: VmSettings.nullable().describe('The settings that Lifeboat would send; null: nothing is sent.'),
  choices: z
    .array(
      z.strictObject({
        what: text.describe('The setting, such as network or size.'),
        chosen: text.describe('The chosen value.'),
        reason: text.describe('The reason for this choice.'),
      }),
    )
    .describe('The choices that Lifeboat made, with their reasons.'),
  needs: texts.describe('The ids of the prerequisites that this VM needs first.'),
}) satisfies z.ZodType<enabling.VmPreview>;

const Location = z.strictObject({ region, subscription });

export const EnablingPreview = z.strictObject({
  scenario: z.enum(SCENARIO_NAMES).describe('The scenario of the request.'),
  vault: z
    .strictObject({
      id: text.describe('The ARM id of the vault.'),
      name: text.describe('The name of the vault.'),
      region,
    })
    .describe('The vault of the request, existing or new.'),
  source: Location.describe('Where the VMs run.'),
  target: Location.describe('Where they replicate to.'),
  prerequisites: z.array(Prerequisite).describe('The needed resources, in the order of creation.'),
  vms: z.array(VmPreview).describe('The VMs, in the order of the request.'),
  refusals: z.array(Refusal).describe('The reasons against the whole request.'),
  warnings: z.array(Warning).describe('What to know about the whole request.'),
  checks: z.array(ReadinessCheck).describe('The readiness checks of the whole request.'),
}) satisfies z.ZodType<enabling.EnablingPreview>;

const RuleToAdd = z.strictObject({
  name: text.describe('The name of the new rule.'),
  properties: z
    .strictObject({
      description: text.describe('The purpose of the rule.'),
      priority: z.int().describe('The priority: a free number before the rule that denies.'),
      direction: z.enum(['Inbound', 'Outbound']).describe('The direction.'),
      access: z.literal('Allow').describe('The rule allows.'),
      protocol: z.literal('Tcp').describe('The protocol.'),
      sourceAddressPrefix: text.describe('The source: a range, or a service tag.'),
      sourcePortRange: z.literal('*').describe('Any source port.'),
      destinationAddressPrefix: text.describe('The destination: a range, or a service tag.'),
      destinationPortRange: text.describe('The destination port or ports.'),
    })
    .describe('The properties, in the form of Azure Resource Manager.'),
});
const SecurityGroupRules = z.strictObject({
  securityGroupId: text.describe('The ARM id of the network security group.'),
  securityGroupName: text.describe('The name of the group.'),
  securityRules: z.array(RuleToAdd).describe('The rules to add.'),
  impossible: texts.describe('What no new rule can open, with the reason.'),
}) satisfies z.ZodType<SecurityGroupFix>;
const vmId = nullableText.describe('The id of the VM; null: the whole request.');
const securityRules = z
  .array(SecurityGroupRules)
  .describe('The rules that would open what is closed, by group.');
const withoutEffectiveRules = texts.describe(
  'VMs whose effective rules Azure does not show, with the reasons.',
);

const ReadinessReport = z.strictObject({
  verdict: verdict.describe('The worst result of all lines.'),
  counts: z
    .strictObject({
      pass: count.describe('How many lines pass.'),
      warn: count.describe('How many lines warn.'),
      fail: count.describe('How many lines fail.'),
      manual: count.describe('How many lines ask a person.'),
    })
    .describe('The number of lines, by result.'),
  lines: z
    .array(
      ReadinessCheck.extend({
        vmId,
        vmName: nullableText.describe('The name of the VM; null: the whole request.'),
      }),
    )
    .describe('The checks, by VM.'),
  securityRules,
  refusals: z
    .array(Refusal.extend({ vmId }))
    .describe('The reasons against VMs, or against the whole request.'),
  withoutEffectiveRules,
}) satisfies z.ZodType<ReadinessResult>;

export const ReadinessReports = z.strictObject({
  reports: z.array(ReadinessReport).describe('One report for each pair of source and target.'),
});
export const NetworkRules = z.strictObject({ securityGroups: securityRules, withoutEffectiveRules });

const Confirmation = z.strictObject({
  id: text.describe('The id of the confirmation.'),
  check: text.describe('The id of the check, such as PRE-9.'),
  vm: IdAndName.nullable().describe(
    'The VM, or the site or machine on premises; null: the check is about a source.',
  ),
  source: Location.nullable().describe('The source; null: the check is about a VM.'),
  target: z
    .strictObject({ region })
    .nullable()
    .describe('The target of the source; null: the check is about a VM.'),
  by: IdAndName.describe('The person who confirmed the check.'),
  at: time.describe('The time of the confirmation.'),
  until: time.describe('The end of its validity.'),
  note: nullableText.describe('The note of the person, if any.'),
}) satisfies z.ZodType<ReturnType<typeof confirmationView>>;
const confirmations = z.array(Confirmation).describe('The confirmations.');
export const NewConfirmations = z.strictObject({ confirmations });
export const Confirmations = pageOf({ confirmations });

export const ChangePreview = z.strictObject({
  verdict: z.enum(['update', 'alreadySo', 'refused']).meta({ description: 'One refused VM refuses all.' }),
  vms: z
    .array(
      z.strictObject({
        id: text.describe('The id of the replicated VM.'),
        name: text.describe('The name of the VM.'),
        verdict: z
          .enum(['update', 'alreadySo', 'refused'])
          .describe('What the change would do with this VM.'),
        refusals: z.array(Refusal).describe('The reasons against this VM.'),
        changes: z
          .array(
            z.strictObject({
              what: text.describe('The setting.'),
              from: nullableText.describe('The present value; null: none.'),
              to: nullableText.describe('The new value; null: none.'),
            }),
          )
          .describe('The settings that differ from the present ones.'),
      }),
    )
    .describe('The VMs, in the order of the request.'),
}) satisfies z.ZodType<change.ChangePreview>;
