// Response schemas of vaults, source VMs, options and firewall endpoints.
import * as z from 'zod';
import type { ListedMachine, ListedSite } from '../../enabling/sites.ts';
import type { ChoicesWithPolicies } from '../../enabling/sourceChoices.ts';
import { CLOUDS } from '../../scenarios/enabling/clouds.ts';
import type { firewallView } from '../firewallView.ts';
import type { OfferedGoal } from '../../enabling/rules/request/goal.ts';
import { count, nullableText, Refusal, SelfLink, text, texts, textAs } from './common.ts';
import type { Protectability } from '../../scenarios/enabling/support.ts';

const armId = text.describe('The ARM id.');
const name = text.describe('The name.');
const region = text.describe('The short name of the region.');
const subscription = text.describe('The id of the subscription.');
const vaultFields = {
  id: text.describe("Lifeboat's id of the vault, for /api/v1/vaults/{id}."),
  armId: text.describe('The ARM id of the vault.'),
  name: text.describe('The name of the vault.'),
  subscription,
  resourceGroup: text.describe('The name of the resource group.'),
};
export const Vaults = z.strictObject({
  vaults: z
    .array(z.strictObject({ ...vaultFields, links: SelfLink.describe('Paths of related objects.') }))
    .describe('The vaults that Lifeboat knows.'),
});

const Policy = z.strictObject({
  id: armId,
  name,
  instanceType: text.describe('The scenario, in the words of Site Recovery.'),
  retentionMinutes: count.describe('How long recovery points stay, in minutes.'),
  appConsistentMinutes: count.describe('Minutes between app-consistent points; 0: none.'),
});
const ContainerMapping = z.strictObject({
  id: armId,
  name,
  fromContainerId: text.describe('The ARM id of the source container.'),
  toContainerId: text.describe('The ARM id of the target container.'),
  policyId: text.describe('The ARM id of the policy.'),
});
const NetworkMapping = z.strictObject({
  id: armId,
  name,
  fabricName: text.describe('The name of the source fabric.'),
  networkId: text.describe('The ARM id of the source network.'),
  recoveryNetworkId: text.describe('The ARM id of the target network.'),
  recoveryFabricName: text.describe('The name of the target fabric.'),
});

export const Vault = z.strictObject({
  ...vaultFields,
  region,
  items: count.describe('The number of replicated items.'),
  fabrics: z.array(z.strictObject({ id: armId, name, region })).describe('The fabrics.'),
  containers: z
    .array(z.strictObject({ id: armId, name, fabricName: text.describe('The name of the fabric.') }))
    .describe('The protection containers.'),
  policies: z.array(Policy).describe('The replication policies.'),
  containerMappings: z.array(ContainerMapping).describe('The container mappings.'),
  networkMappings: z.array(NetworkMapping).describe('The network mappings.'),
  links: z
    .strictObject({
      self: text.describe('The path of the vault.'),
      plans: text.describe('The path of its native plans.'),
    })
    .describe('Paths of related objects.'),
});

export const RegistrationKey = z.strictObject({
  vault: text.describe('The ARM id of the vault.'),
  site: nullableText.describe('The name of the site that the key opens; null: the whole vault.'),
  fileName: text.describe('The name of the file on each server.'),
  validUntil: text.describe('The end of the key, as an ISO time.'),
  key: text.describe('The content of the file. A secret: Lifeboat keeps no copy.'),
  steps: z.array(text).describe('The steps of a person on each server, in order.'),
});

const SourceDisk = z.strictObject({
  id: text.describe('The ARM id of the disk, or the blob address of an unmanaged disk.'),
  name,
  isOs: z.boolean().describe('True: the disk with the operating system.'),
  sizeGb: z.number().describe('The size in GB.'),
  accountType: nullableText.describe('The type of a managed disk, such as Premium_LRS.'),
  managed: z.boolean().describe('True: a managed disk.'),
  storageAccountId: nullableText.describe('The ARM id of the account of an unmanaged disk.'),
  shared: z.boolean().describe('True: several VMs may attach the disk.'),
});
const SourceNic = z.strictObject({
  id: armId,
  name,
  primary: z.boolean().describe('True: the primary interface of the VM.'),
  networkId: text.describe('The ARM id of the network.'),
  subnet: text.describe('The name of the subnet.'),
  securityGroupId: nullableText.describe('The ARM id of the security group of the interface; null: none.'),
  acceleratedNetworking: z.boolean().describe('True: accelerated networking is on.'),
});
const SourceVm = z.strictObject({
  id: armId,
  name,
  subscription,
  resourceGroup: text.describe('The name of the resource group.'),
  region,
  model: z.enum(['resourceManager', 'classic']).describe('The deployment model.'),
  cloudService: nullableText.describe('The cloud service of a classic VM.'),
  size: text.describe('The size, such as Standard_D2s_v3.'),
  osType: z.enum(['Windows', 'Linux']).describe('The operating system.'),
  os: nullableText.describe('The name and version of the operating system; null: not known.'),
  generation: z.enum(['V1', 'V2']).nullable().describe('The generation of the VM; null: not known.'),
  power: z.enum(['running', 'stopped', 'deallocated', 'unknown']).describe('The power state.'),
  agentReady: z.boolean().nullable().describe('True: the VM agent reports ready; null: not known.'),
  zone: nullableText.describe('The number of the zone; null: none.'),
  availabilitySetId: nullableText.describe('The ARM id of the availability set; null: none.'),
  placementGroupId: nullableText.describe('The ARM id of the placement group; null: none.'),
  scaleSetId: nullableText.describe('The ARM id of the scale set; null: none.'),
  disks: z.array(SourceDisk).describe('The disks.'),
  nics: z.array(SourceNic).describe('The network interfaces.'),
}) satisfies z.ZodType<Protectability['vm']>;

const canBeProtected = z.boolean().describe('True: replication can be enabled now.');
const reasons = z.array(Refusal).describe('The reasons why replication cannot be enabled.');
export const SourceVms = z.strictObject({
  vms: z.array(SourceVm.extend({ canBeProtected, reasons })).describe('The VMs of the source.'),
});

const StorageAccount = z.strictObject({
  id: armId,
  name,
  subscription,
  region,
  sku: text.describe('The performance and redundancy, such as Standard_LRS.'),
  kind: text.describe('The kind of the account, such as StorageV2.'),
  madeAsCache: z.boolean().describe('True: Lifeboat made the account as a cache.'),
});
const addressPrefixes = texts.describe('The address ranges, such as 10.20.1.0/24.');
const Network = z.strictObject({
  id: armId,
  name,
  subscription,
  region,
  addressPrefixes,
  subnets: z
    .array(
      z.strictObject({
        name,
        addressPrefixes,
        securityGroupId: nullableText.describe('The ARM id of the security group of the subnet; null: none.'),
      }),
    )
    .describe('The subnets, in the order of the network.'),
});
const OfferedRegion = z.strictObject({
  name: text.describe('The short name of the region.'),
  displayName: text.describe('The name for people.'),
  geography: nullableText.describe('The geography; null: not known.'),
  pairedWith: nullableText.describe('The short name of the paired region; null: none.'),
  zones: texts.describe('The numbers of the zones.'),
  offersSiteRecovery: z.boolean().describe('True: Site Recovery is offered there.'),
});
const Goal = z.strictObject({
  protect: textAs<OfferedGoal['protect']>().describe('The kind of source.'),
  to: textAs<OfferedGoal['to']>().describe('The kind of target.'),
  scenario: textAs<OfferedGoal['scenario']>().describe('The scenario of the pair.'),
  canBeEnabled: z.boolean().describe('True: Lifeboat can enable it today.'),
});
const AvailabilitySet = z.strictObject({
  id: armId,
  name,
  region,
  faultDomains: count.describe('The number of fault domains.'),
  updateDomains: count.describe('The number of update domains.'),
  aligned: z.boolean().describe('True: for VMs with managed disks.'),
  placementGroupId: nullableText.describe('The ARM id of the placement group of the set; null: none.'),
});
const TargetChoices = z.strictObject({
  resourceGroups: z
    .array(z.strictObject({ id: armId, name, subscription, region }))
    .describe('The resource groups, those of the target region first.'),
  networks: z.array(Network).describe('The networks of the target region.'),
  diskStorageAccounts: z.array(StorageAccount).describe('The accounts for unmanaged disks.'),
  availabilitySets: z.array(AvailabilitySet).describe('The availability sets.'),
  zones: texts.describe('The zones of the target region.'),
  placementGroups: z
    .array(z.strictObject({ id: armId, name, region, zones: texts.describe('The zones of the group.') }))
    .describe('The proximity placement groups.'),
  cloudServices: z
    .array(z.strictObject({ id: armId, name, subscription, region }))
    .describe('The cloud services for classic VMs.'),
});

export const Choices = z.strictObject({
  subscriptions: z
    .array(
      z.strictObject({
        id: subscription,
        name,
        tenant: text.describe('The id of the tenant.'),
        enabled: z.boolean().describe('False: the subscription is disabled.'),
      }),
    )
    .describe('The subscriptions of the tenant.'),
  regions: z.array(OfferedRegion).describe('The regions that suit the source.'),
  cacheStorageAccounts: z.array(StorageAccount).describe('The cache accounts in the source region.'),
  policies: z
    .array(Policy.extend({ vault: text.describe('The ARM id of the vault.') }))
    .describe('The replication policies of the known vaults.'),
  goals: z.array(Goal).meta({ description: 'The pairs of source and target that Site Recovery offers.' }),
  target: TargetChoices.nullable().describe('The choices of the target region; null: the query names none.'),
}) satisfies z.ZodType<ChoicesWithPolicies>;

const Endpoint = z.strictObject({
  url: text.describe('The address, or a pattern of addresses.'),
  protocol: z.enum(['Tcp', 'Udp']).describe('The protocol.'),
  port: z.int().describe('The port.'),
  serviceTags: texts.describe('The service tags that cover the address.'),
  purpose: text.describe('The purpose.'),
});
export const Firewall = z.strictObject({
  cloud: z.enum(CLOUDS).describe('The Azure cloud.'),
  machines: z.enum(['azureVm', 'hyperVHost', 'vmmServer']).describe('The machines behind the firewall.'),
  source: z.strictObject({ region }).describe('The source.'),
  target: z.strictObject({ region }).describe('The target.'),
  direction: text.describe('The direction of the connections.'),
  endpoints: z.array(Endpoint).describe('The endpoints that the firewall must allow.'),
  addressRanges: z
    .array(
      z.strictObject({
        covers: text.describe('The service tags, or the endpoints.'),
        publishedAt: text.describe('The address at which Microsoft publishes the ranges.'),
      }),
    )
    .describe('The addresses behind the service tags. They change weekly.'),
  check: z
    .strictObject({
      id: text.describe('The id of the check.'),
      name: text.describe('The name of the check.'),
      verdict: text.describe('The result.'),
      message: text.describe('The result in words.'),
      remedy: text.describe('What to do.'),
    })
    .describe('The manual check that confirms these rules.'),
}) satisfies z.ZodType<ReturnType<typeof firewallView>>;

const SiteMachine = z.strictObject({
  id: text.describe('The ARM id of the protectable item.'),
  name: text.describe('The name of the machine.'),
  itemId: nullableText.describe('The ARM id of the replicated item; null: the machine does not replicate.'),
  generation: text.describe('The generation of the machine.'),
  osType: z.enum(['Windows', 'Linux']).nullable().describe('The operating system; null: not known.'),
  os: nullableText.describe('The name and version of the operating system; null: not known.'),
  disks: z
    .array(
      z.strictObject({
        id: text.describe('The id of the disk.'),
        name,
        sizeMb: z.number().describe('The size in MB.'),
      }),
    )
    .describe('The disks.'),
  readinessErrors: texts.describe('The reasons that Site Recovery names against a protection.'),
  unsupportedParts: texts.describe('The parts of the machine that Azure does not support.'),
  isRunning: z.boolean().optional().describe('True: the machine runs. Absent: not known.'),
  nics: z
    .array(
      z.strictObject({
        id: text.describe('The id of the interface.'),
        name,
        address: nullableText.describe('The address; null: not known.'),
      }),
    )
    .optional()
    .describe('The network interfaces. Absent: not known.'),
  vCenter: text.optional().describe('The vCenter of the machine. Absent: there is none.'),
  hostVersion: text.optional().describe('The version of the ESXi host. Absent: not known.'),
  canBeProtected,
  reasons,
}) satisfies z.ZodType<ListedMachine>;
const Host = z.strictObject({
  name,
  connected: z.boolean().describe('True: the host is in touch with Site Recovery.'),
  lastHeartbeat: nullableText.describe('The last sign of life; null: not known.'),
  providerVersion: nullableText.describe('The version of the provider; null: not known.'),
  agentVersion: nullableText.describe('The version of the agent; null: not known.'),
  id: text.optional().describe('The id of a server that replication runs through.'),
  kind: z
    .enum(['appliance', 'configurationServer', 'processServer'])
    .optional()
    .describe('The kind of a server that replication runs through.'),
  health: text.optional().describe('The health of a server that replication runs through.'),
  datastores: texts.optional().describe('The datastores that the server can write to.'),
});

export const Sites = z.strictObject({
  sites: z
    .array(
      z.strictObject({
        id: text.describe('The ARM id of the site.'),
        name: text.describe('The name of the site.'),
        scenario: textAs<ListedSite['scenario']>().describe('The scenario of the machines.'),
        vault: text.describe('The ARM id of the vault.'),
        region: text.describe('The region of the vault.'),
        containerId: nullableText.describe('The ARM id of the container; null: no host has registered yet.'),
        hosts: z.array(Host).describe('The hosts of the site.'),
        machines: z.array(SiteMachine).describe('The machines of the site.'),
        accounts: z
          .array(
            z.strictObject({
              id: text.describe('The id of the account.'),
              name: text.describe('The name of the account.'),
            }),
          )
          .optional()
          .describe('The accounts that install the agent. Absent: the scenario needs none.'),
        vCenters: z
          .array(
            z.strictObject({
              name: text.describe('The name of the vCenter.'),
              address: text.describe('The address of the vCenter.'),
              version: nullableText.describe('The version; null: not known.'),
            }),
          )
          .optional()
          .describe('The vCenters of the site. Absent: the scenario has none.'),
        isRetiring: z.boolean().optional().describe('True: Microsoft is retiring servers of this kind.'),
      }) satisfies z.ZodType<ListedSite>,
    )
    .describe('The sites on premises.'),
});
