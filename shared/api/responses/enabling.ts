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
  time,
  Warning,
} from './common.ts';

const ReadinessCheck = z.strictObject({
  id: text,
  name: text,
  verdict: z.enum(['pass', 'warn', 'fail', 'manual']),
  message: text,
  remedy: nullableText,
  confirmation: z
    .strictObject({ by: IdAndName, at: time, until: time, note: nullableText })
    .nullable()
    .exactOptional()
    .meta({
      description:
        'Only for manual checks: the last confirmation by a person. The verdict says whether it is valid.',
    }),
}) satisfies z.ZodType<enabling.ReadinessCheck>;
const specOfKind = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), ...shape });

const PrerequisiteSpec = z.discriminatedUnion('kind', [
  specOfKind('vault', { region: text }),
  specOfKind('resourceGroup', { region: text }),
  specOfKind('fabric', { region: text }),
  specOfKind('site', {}),
  specOfKind('container', {}),
  specOfKind('network', {
    region: text,
    addressPrefixes: z.array(text),
    subnets: z.array(z.strictObject({ name: text, addressPrefixes: z.array(text) })),
  }),
  specOfKind('storageAccount', {
    region: text,
    sku: text,
    accountKind: text,
    use: z.enum(['cache', 'disks']),
  }),
  specOfKind('placementGroup', { region: text, zone: nullableText, sizes: z.array(text) }),
  specOfKind('availabilitySet', {
    region: text,
    faultDomains: count,
    updateDomains: count,
    aligned: z.boolean(),
    placementGroupId: nullableText,
  }),
  specOfKind('policy', { retentionMinutes: count, appConsistentMinutes: count }),
  specOfKind('containerMapping', { toContainerId: text, policyId: text }),
  specOfKind('recoveryPlan', {
    primaryFabricId: text,
    recoveryFabricId: text,
    items: z.array(z.strictObject({ id: text, virtualMachineId: text })),
  }),
  specOfKind('networkMapping', { networkId: text, recoveryNetworkId: text, recoveryFabricName: text }),
]) satisfies z.ZodType<prerequisite.PrerequisiteSpec>;

const Prerequisite = z.strictObject({
  id: text,
  name: text,
  action: z.enum(['create', 'reuse']),
  reason: text,
  needs: z.array(text),
  spec: PrerequisiteSpec,
}) satisfies z.ZodType<prerequisite.Prerequisite>;

const Availability = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('single') }),
  z.strictObject({ type: z.literal('set'), setId: text }),
  z.strictObject({ type: z.literal('zone'), zone: text }),
]);
const DiskSettings = z.discriminatedUnion('managed', [
  z.strictObject({
    managed: z.literal(true),
    id: text,
    cacheStorageAccountId: text,
    resourceGroupId: text,
    replicaType: text,
    targetType: text,
  }),
  z.strictObject({
    managed: z.literal(false),
    id: text,
    cacheStorageAccountId: text,
    storageAccountId: text,
  }),
]);
const NicSettings = z.strictObject({
  id: text,
  name: text,
  primary: z.boolean(),
  sourceSubnet: text,
  subnet: text,
  address: nullableText,
}) satisfies z.ZodType<settings.NicSettings>;
const VmSettings = z.strictObject({
  containerId: text,
  recoveryContainerId: text,
  policyId: text,
  resourceGroupId: text,
  networkId: text,
  nics: z.array(NicSettings),
  size: nullableText,
  availability: Availability,
  placementGroupId: nullableText,
  multiVmGroup: MultiVmGroup,
  disks: z.array(DiskSettings),
  cloudServiceId: text.exactOptional(),
  onPremises: z
    .strictObject({
      osType: z.enum(['Windows', 'Linux']),
      osDiskId: text,
      diskIds: z.array(text),
      targetName: text,
      subnet: text,
      storageAccountId: text,
      managedDisks: z.boolean(),
    })
    .exactOptional(),
}) satisfies z.ZodType<settings.VmSettings>;

const VmPreview = z.strictObject({
  vmId: text,
  name: text,
  verdict: z.enum(['enable', 'alreadyEnabled', 'refused']),
  refusals: z.array(Refusal),
  summary: text,
  warnings: z.array(Warning),
  checks: z.array(ReadinessCheck),
  itemId: text,
  settings: VmSettings.nullable(),
  choices: z.array(z.strictObject({ what: text, chosen: text, reason: text })),
  needs: z.array(text),
}) satisfies z.ZodType<enabling.VmPreview>;

const Location = z.strictObject({ region: text, subscription: text });

export const EnablingPreview = z.strictObject({
  scenario: z.enum(SCENARIO_NAMES),
  vault: z.strictObject({ id: text, name: text, region: text }),
  source: Location,
  target: Location,
  prerequisites: z.array(Prerequisite),
  vms: z.array(VmPreview),
  refusals: z.array(Refusal),
  warnings: z.array(Warning),
  checks: z.array(ReadinessCheck),
}) satisfies z.ZodType<enabling.EnablingPreview>;

const RuleToAdd = z.strictObject({
  name: text,
  properties: z.strictObject({
    description: text,
    priority: z.int(),
    direction: z.enum(['Inbound', 'Outbound']),
    access: z.literal('Allow'),
    protocol: z.literal('Tcp'),
    sourceAddressPrefix: text,
    sourcePortRange: z.literal('*'),
    destinationAddressPrefix: text,
    destinationPortRange: text,
  }),
});
const SecurityGroupRules = z.strictObject({
  securityGroupId: text,
  securityGroupName: text,
  securityRules: z.array(RuleToAdd),
  impossible: z.array(text),
}) satisfies z.ZodType<SecurityGroupFix>;

const ReadinessReport = z.strictObject({
  verdict: ReadinessCheck.shape.verdict,
  counts: z.strictObject({ pass: count, warn: count, fail: count, manual: count }),
  lines: z.array(ReadinessCheck.extend({ vmId: nullableText, vmName: nullableText })),
  securityRules: z.array(SecurityGroupRules),
  refusals: z.array(Refusal.extend({ vmId: nullableText })),
  withoutEffectiveRules: z.array(text),
}) satisfies z.ZodType<ReadinessResult>;

export const ReadinessReports = z.strictObject({ reports: z.array(ReadinessReport) });
export const NetworkRules = z.strictObject({
  securityGroups: z.array(SecurityGroupRules),
  withoutEffectiveRules: z.array(text),
});

const Confirmation = z.strictObject({
  id: text,
  check: text,
  vm: IdAndName.nullable(),
  source: z.strictObject({ region: text, subscription: text }).nullable(),
  target: z.strictObject({ region: text }).nullable(),
  by: IdAndName,
  at: time,
  until: time,
  note: nullableText,
}) satisfies z.ZodType<ReturnType<typeof confirmationView>>;
export const NewConfirmations = z.strictObject({ confirmations: z.array(Confirmation) });
export const Confirmations = pageOf({ confirmations: z.array(Confirmation) });

export const ChangePreview = z.strictObject({
  verdict: z.enum(['update', 'alreadySo', 'refused']).meta({ description: 'One refused VM refuses all.' }),
  vms: z.array(
    z.strictObject({
      id: text,
      name: text,
      verdict: z.enum(['update', 'alreadySo', 'refused']),
      refusals: z.array(Refusal),
      changes: z.array(z.strictObject({ what: text, from: nullableText, to: nullableText })),
    }),
  ),
}) satisfies z.ZodType<change.ChangePreview>;
