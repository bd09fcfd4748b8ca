// What enabling replication would do, and whether VMs are ready for it.
import * as z from 'zod';
import type { Report } from '../../enabling/readiness.ts';
import type { Mending } from '../../enabling/rules/network/ruleFixes.ts';
import type * as prerequisite from '../../azure/prerequisite.ts';
import type * as enabling from '../../enabling/rules/preview.ts';
import type * as settings from '../../siterecovery/vmSettings.ts';
import { SCENARIOS } from './scenarios.ts';
import { count, maybeText, Refusal, text, Warning } from './common.ts';

const Check = z.strictObject({
  id: text,
  name: text,
  verdict: z.enum(['pass', 'warn', 'fail', 'manual']),
  message: text,
  remedy: maybeText,
}) satisfies z.ZodType<enabling.Check>;
const of = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), ...shape });

const PartSpec = z.discriminatedUnion('kind', [
  of('vault', { region: text }),
  of('resourceGroup', { region: text }),
  of('fabric', { region: text }),
  of('container', {}),
  of('network', {
    region: text,
    addressPrefixes: z.array(text),
    subnets: z.array(z.strictObject({ name: text, addressPrefixes: z.array(text) })),
  }),
  of('storageAccount', { region: text, sku: text, accountKind: text, use: z.enum(['cache', 'disks']) }),
  of('placementGroup', { region: text, zone: maybeText, sizes: z.array(text) }),
  of('availabilitySet', {
    region: text,
    faultDomains: count,
    updateDomains: count,
    aligned: z.boolean(),
    placementGroupId: maybeText,
  }),
  of('policy', { retentionMinutes: count, appConsistentMinutes: count }),
  of('containerMapping', { toContainerId: text, policyId: text }),
  of('recoveryPlan', {
    primaryFabricId: text,
    recoveryFabricId: text,
    items: z.array(z.strictObject({ id: text, virtualMachineId: text })),
  }),
  of('networkMapping', { networkId: text, recoveryNetworkId: text, recoveryFabricName: text }),
]) satisfies z.ZodType<prerequisite.PartSpec>;

const Part = z.strictObject({
  id: text,
  name: text,
  action: z.enum(['create', 'reuse']),
  reason: text,
  needs: z.array(text),
  spec: PartSpec,
}) satisfies z.ZodType<prerequisite.Part>;

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
  address: maybeText,
}) satisfies z.ZodType<settings.NicSettings>;
const VmSettings = z.strictObject({
  containerId: text,
  recoveryContainerId: text,
  policyId: text,
  resourceGroupId: text,
  networkId: text,
  nics: z.array(NicSettings),
  size: maybeText,
  availability: Availability,
  placementGroupId: maybeText,
  multiVmGroup: z.strictObject({ name: text, id: maybeText }).nullable(),
  disks: z.array(DiskSettings),
  cloudServiceId: text.exactOptional(),
}) satisfies z.ZodType<settings.VmSettings>;

const VmPreview = z.strictObject({
  vmId: text,
  name: text,
  verdict: z.enum(['enable', 'alreadyEnabled', 'refused']),
  refusals: z.array(Refusal),
  summary: text,
  warnings: z.array(Warning),
  checks: z.array(Check),
  itemId: text,
  settings: VmSettings.nullable(),
  choices: z.array(z.strictObject({ what: text, chosen: text, reason: text })),
  needs: z.array(text),
}) satisfies z.ZodType<enabling.VmPreview>;

const Place = z.strictObject({ region: text, subscription: text });

export const Preview = z.strictObject({
  scenario: z.enum(SCENARIOS),
  vault: z.strictObject({ id: text, name: text, region: text }),
  source: Place,
  target: Place,
  parts: z.array(Part),
  vms: z.array(VmPreview),
  refusals: z.array(Refusal),
  warnings: z.array(Warning),
  checks: z.array(Check),
}) satisfies z.ZodType<enabling.Preview>;

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
const SecurityGroup = z.strictObject({
  securityGroupId: text,
  securityGroupName: text,
  securityRules: z.array(RuleToAdd),
  impossible: z.array(text),
}) satisfies z.ZodType<Mending>;

const ReadinessReport = z.strictObject({
  verdict: Check.shape.verdict,
  counts: z.strictObject({ pass: count, warn: count, fail: count, manual: count }),
  lines: z.array(Check.extend({ vmId: maybeText, vmName: maybeText })),
  securityRules: z.array(SecurityGroup),
  refusals: z.array(Refusal.extend({ vmId: maybeText })),
  withoutEffectiveRules: z.array(text),
}) satisfies z.ZodType<Report>;

export const Reports = z.strictObject({ reports: z.array(ReadinessReport) });
export const NetworkRules = z.strictObject({
  securityGroups: z.array(SecurityGroup),
  withoutEffectiveRules: z.array(text),
});
