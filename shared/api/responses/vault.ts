// Response schemas of vaults, source VMs, options and firewall endpoints.
import * as z from 'zod';
import type { ListedMachine, ListedSite } from '../../enabling/sites.ts';
import type { ChoicesWithPolicies } from '../../enabling/sourceChoices.ts';
import { CLOUDS } from '../../scenarios/enabling/clouds.ts';
import type { firewallView } from '../firewallView.ts';
import type { OfferedGoal } from '../../enabling/rules/request/goal.ts';
import { count, nullableText, Refusal, SelfLink, text, textAs } from './common.ts';
import type { Protectability } from '../../scenarios/enabling/support.ts';

export const Vaults = z.strictObject({
  vaults: z.array(
    z.strictObject({
      id: text,
      armId: text,
      name: text,
      subscription: text,
      resourceGroup: text,
      links: SelfLink,
    }),
  ),
});

const Policy = z.strictObject({
  id: text,
  name: text,
  instanceType: text,
  retentionMinutes: count,
  appConsistentMinutes: count,
});

export const Vault = z.strictObject({
  id: text,
  armId: text,
  name: text,
  subscription: text,
  resourceGroup: text,
  region: text,
  items: count,
  fabrics: z.array(z.strictObject({ id: text, name: text, region: text })),
  containers: z.array(z.strictObject({ id: text, name: text, fabricName: text })),
  policies: z.array(Policy),
  containerMappings: z.array(
    z.strictObject({ id: text, name: text, fromContainerId: text, toContainerId: text, policyId: text }),
  ),
  networkMappings: z.array(
    z.strictObject({
      id: text,
      name: text,
      fabricName: text,
      networkId: text,
      recoveryNetworkId: text,
      recoveryFabricName: text,
    }),
  ),
  links: z.strictObject({ self: text, plans: text }),
});

const SourceDisk = z.strictObject({
  id: text,
  name: text,
  isOs: z.boolean(),
  sizeGb: z.number(),
  accountType: nullableText,
  managed: z.boolean(),
  storageAccountId: nullableText,
  shared: z.boolean(),
});
const SourceNic = z.strictObject({
  id: text,
  name: text,
  primary: z.boolean(),
  networkId: text,
  subnet: text,
  securityGroupId: nullableText,
  acceleratedNetworking: z.boolean(),
});
const SourceVm = z.strictObject({
  id: text,
  name: text,
  subscription: text,
  resourceGroup: text,
  region: text,
  model: z.enum(['resourceManager', 'classic']),
  cloudService: nullableText,
  size: text,
  osType: z.enum(['Windows', 'Linux']),
  generation: z.enum(['V1', 'V2']).nullable(),
  power: z.enum(['running', 'stopped', 'deallocated', 'unknown']),
  agentReady: z.boolean().nullable(),
  zone: nullableText,
  availabilitySetId: nullableText,
  placementGroupId: nullableText,
  scaleSetId: nullableText,
  disks: z.array(SourceDisk),
  nics: z.array(SourceNic),
}) satisfies z.ZodType<Protectability['vm']>;

export const SourceVms = z.strictObject({
  vms: z.array(SourceVm.extend({ canBeProtected: z.boolean(), reasons: z.array(Refusal) })),
});

const StorageAccount = z.strictObject({
  id: text,
  name: text,
  subscription: text,
  region: text,
  sku: text,
  kind: text,
  madeAsCache: z.boolean(),
});
const Network = z.strictObject({
  id: text,
  name: text,
  subscription: text,
  region: text,
  addressPrefixes: z.array(text),
  subnets: z.array(
    z.strictObject({ name: text, addressPrefixes: z.array(text), securityGroupId: nullableText }),
  ),
});

export const Choices = z.strictObject({
  subscriptions: z.array(z.strictObject({ id: text, name: text, tenant: text, enabled: z.boolean() })),
  regions: z.array(
    z.strictObject({
      name: text,
      displayName: text,
      geography: nullableText,
      pairedWith: nullableText,
      zones: z.array(text),
      offersSiteRecovery: z.boolean(),
    }),
  ),
  cacheStorageAccounts: z.array(StorageAccount),
  policies: z.array(Policy.extend({ vault: text })),
  goals: z
    .array(
      z.strictObject({
        protect: textAs<OfferedGoal['protect']>(),
        to: textAs<OfferedGoal['to']>(),
        scenario: textAs<OfferedGoal['scenario']>(),
        canBeEnabled: z.boolean(),
      }),
    )
    .meta({ description: 'The pairs of source and target that Site Recovery offers.' }),
  target: z
    .strictObject({
      resourceGroups: z.array(z.strictObject({ id: text, name: text, subscription: text, region: text })),
      networks: z.array(Network),
      diskStorageAccounts: z.array(StorageAccount),
      availabilitySets: z.array(
        z.strictObject({
          id: text,
          name: text,
          region: text,
          faultDomains: count,
          updateDomains: count,
          aligned: z.boolean(),
          placementGroupId: nullableText,
        }),
      ),
      zones: z.array(text),
      placementGroups: z.array(z.strictObject({ id: text, name: text, region: text, zones: z.array(text) })),
      cloudServices: z.array(z.strictObject({ id: text, name: text, subscription: text, region: text })),
    })
    .nullable(),
}) satisfies z.ZodType<ChoicesWithPolicies>;

export const Firewall = z.strictObject({
  cloud: z.enum(CLOUDS),
  machines: z.enum(['azureVm', 'hyperVHost', 'vmmServer']),
  source: z.strictObject({ region: text }),
  target: z.strictObject({ region: text }),
  direction: text,
  endpoints: z.array(
    z.strictObject({
      url: text,
      protocol: z.enum(['Tcp', 'Udp']),
      port: z.int(),
      serviceTags: z.array(text),
      purpose: text,
    }),
  ),
  addressRanges: z.array(z.strictObject({ covers: text, publishedAt: text })),
  check: z.strictObject({ id: text, name: text, verdict: text, message: text, remedy: text }),
}) satisfies z.ZodType<ReturnType<typeof firewallView>>;

const SiteMachine = z.strictObject({
  id: text,
  name: text,
  itemId: nullableText,
  generation: text,
  osType: z.enum(['Windows', 'Linux']).nullable(),
  disks: z.array(z.strictObject({ id: text, name: text, sizeMb: z.number() })),
  readinessErrors: z.array(text),
  unsupportedParts: z.array(text),
  canBeProtected: z.boolean(),
  reasons: z.array(Refusal),
}) satisfies z.ZodType<ListedMachine>;

export const Sites = z.strictObject({
  sites: z.array(
    z.strictObject({
      id: text,
      name: text,
      vault: text,
      region: text,
      containerId: nullableText,
      hosts: z.array(
        z.strictObject({
          name: text,
          connected: z.boolean(),
          lastHeartbeat: nullableText,
          providerVersion: nullableText,
          agentVersion: nullableText,
        }),
      ),
      machines: z.array(SiteMachine),
    }) satisfies z.ZodType<ListedSite>,
  ),
});
