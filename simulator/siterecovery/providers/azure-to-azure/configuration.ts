// Fabrics, policies and mappings of the Azure-to-Azure provider.

import * as z from 'zod';

import { policyOutOfBounds } from '../../errors.ts';
import type {
  FabricRecord,
  NetworkMappingRecord,
  PolicyRecord,
  ProviderSettings,
} from '../../configuration-records.ts';
import type { FabricKind } from '../../fabric-kind.ts';
import { guidOf } from '../../ids.ts';
import type { SettingsResult } from '../../provider.ts';
import { isSameName, type Vault } from '../../vault.ts';

export interface AzureToAzurePolicy extends ProviderSettings {
  readonly recoveryPointHistory: number;
  readonly crashConsistentFrequencyInMinutes: number;
  readonly appConsistentFrequencyInMinutes: number;
  readonly multiVmSyncStatus: string;
}

const DEFAULT_POLICY = {
  recoveryPointHistory: 0,
  crashConsistentFrequencyInMinutes: 5,
  appConsistentFrequencyInMinutes: 0,
  multiVmSyncStatus: 'Disabled',
} as const;

/** Returns the settings of the policy. An item may outlive its policy. */
export const policySettings = (policy: PolicyRecord | undefined): AzureToAzurePolicy => ({
  instanceType: 'A2A',
  ...DEFAULT_POLICY,
  ...policy?.settings,
});

const policyInput = z.object({
  instanceType: z.literal('A2A'),
  recoveryPointHistory: z.number().nullish(),
  crashConsistentFrequencyInMinutes: z.number().nullish(),
  appConsistentFrequencyInMinutes: z.number().nullish(),
  multiVmSyncStatus: z.enum(['Enable', 'Disable']),
});

const HOUR_MINUTES = 60;
/**
 * The service keeps points for up to 15 days. Application-consistent snapshots run every one to
 * twelve hours, or not at all.
 */
const POLICY_LIMITS = {
  history: 15 * 24 * HOUR_MINUTES,
  leastApp: HOUR_MINUTES,
  mostApp: 12 * HOUR_MINUTES,
  mostCrash: 15,
} as const;

function policyLimitError({
  recoveryPointHistory,
  appConsistentFrequencyInMinutes: app,
  crashConsistentFrequencyInMinutes: crash,
}: AzureToAzurePolicy): string | undefined {
  if (recoveryPointHistory < 0 || recoveryPointHistory > POLICY_LIMITS.history)
    return (
      `Recovery points can be kept for up to ${POLICY_LIMITS.history} minutes; ` +
      `${recoveryPointHistory} were asked for.`
    );
  if (app !== 0 && (app < POLICY_LIMITS.leastApp || app > POLICY_LIMITS.mostApp))
    return (
      `Application-consistent snapshots are made every ${POLICY_LIMITS.leastApp} to ${POLICY_LIMITS.mostApp} ` +
      `minutes, or not at all (0); ${app} was asked for.`
    );
  if (app > 0 && recoveryPointHistory > 0 && app > recoveryPointHistory)
    return (
      `Application-consistent snapshots every ${app} minutes outlive the retention of ` +
      `${recoveryPointHistory} minutes.`
    );
  if (crash < 1 || crash > POLICY_LIMITS.mostCrash)
    return (
      `Crash-consistent snapshots are made every 1 to ${POLICY_LIMITS.mostCrash} minutes; ${crash} ` +
      'was asked for.'
    );
  return undefined;
}

export function readPolicy(input: unknown, before: ProviderSettings | undefined): SettingsResult {
  const read = policyInput.safeParse(input);
  if (!read.success) return { problem: z.prettifyError(read.error) };
  const {
    recoveryPointHistory,
    crashConsistentFrequencyInMinutes,
    appConsistentFrequencyInMinutes,
    multiVmSyncStatus,
  } = read.data;
  const known = before as AzureToAzurePolicy | undefined;
  const settings: AzureToAzurePolicy = {
    instanceType: 'A2A',
    recoveryPointThresholdInMinutes: 0,
    recoveryPointHistory: recoveryPointHistory ?? known?.recoveryPointHistory ?? 0,
    appConsistentFrequencyInMinutes:
      appConsistentFrequencyInMinutes ?? known?.appConsistentFrequencyInMinutes ?? 0,
    multiVmSyncStatus: `${multiVmSyncStatus}d`,
    crashConsistentFrequencyInMinutes:
      crashConsistentFrequencyInMinutes ?? known?.crashConsistentFrequencyInMinutes ?? 5,
    status: false,
    associatedItemsCount: 0,
    dataSourceType: 'VM',
  };
  const wrong = policyLimitError(settings);
  return wrong === undefined ? { settings } : { error: policyOutOfBounds(wrong) };
}

const mappingInput = z
  .object({
    instanceType: z.literal('A2A'),
    agentAutoUpdateStatus: z.enum(['Enabled', 'Disabled']).nullish(),
    automationAccountArmId: z.string().nullish(),
    automationAccountAuthenticationType: z.enum(['RunAsAccount', 'SystemAssignedIdentity']).nullish(),
  })
  .nullish();

export function readMapping(input: unknown, before: ProviderSettings | undefined): SettingsResult {
  const read = mappingInput.safeParse(input);
  if (!read.success) return { problem: z.prettifyError(read.error) };
  return {
    settings: {
      instanceType: 'A2A',
      agentAutoUpdateStatus:
        read.data?.agentAutoUpdateStatus ?? before?.['agentAutoUpdateStatus'] ?? 'Disabled',
      automationAccountAuthenticationType:
        read.data?.automationAccountAuthenticationType ??
        before?.['automationAccountAuthenticationType'] ??
        'RunAsAccount',
      automationAccountArmId: read.data?.automationAccountArmId ?? before?.['automationAccountArmId'] ?? null,
      scheduleName: null,
      jobScheduleName: null,
    },
  };
}

const fabricInput = z.object({ instanceType: z.literal('Azure'), location: z.string().min(1) });
const networkInput = z.object({
  instanceType: z.literal('AzureToAzure'),
  primaryNetworkId: z.string().min(1),
});

const locationOf = (fabric: FabricRecord | undefined): string =>
  (fabric?.settings['location'] as string | undefined) ?? '';

export const fabricRegion = (vault: Vault, fabric: string): string => locationOf(vault.fabric(fabric));

/** A region of Azure. */
export const azureRegionKind: FabricKind = {
  instanceType: 'Azure',
  fabricType: 'AzureFabric',

  readFabric(customDetails, name, vault) {
    const read = fabricInput.safeParse(customDetails);
    if (!read.success) return { problem: z.prettifyError(read.error) };
    const region = vault.azure.region(read.data.location);
    if (!region) return { problem: `The location '${read.data.location}' is not a region of Azure.` };
    const duplicate = vault
      .fabrics()
      .find((fabric) => locationOf(fabric) === region.name && !isSameName(fabric.name, name));
    return duplicate
      ? { problem: `The fabric '${duplicate.name}' already exists for this location.` }
      : { settings: { instanceType: 'Azure', location: region.name } };
  },

  readNetworkMapping(input) {
    const read = networkInput.safeParse(input);
    return read.success
      ? { primaryNetworkId: read.data.primaryNetworkId, settings: { instanceType: 'AzureToAzure' } }
      : { problem: z.prettifyError(read.error) };
  },

  fabricName: (fabric, vault) => vault.regionName(locationOf(fabric)),

  /** A list omits the containers and zones of a fabric. */
  fabricDetails: (fabric, vault, inList) => ({
    instanceType: 'Azure',
    location: locationOf(fabric),
    containerIds: inList
      ? null
      : vault
          .containers(fabric.name)
          .map(({ name }) => vault.containerId({ fabric: fabric.name, container: name })),
    ...(inList ? {} : { zones: [] }),
  }),

  networkDetails: ({ fabric, recoveryFabric }: NetworkMappingRecord, vault) => ({
    instanceType: 'AzureToAzure',
    primaryFabricLocation: fabricRegion(vault, fabric),
    recoveryFabricLocation: fabricRegion(vault, recoveryFabric),
  }),

  ownContainer: () => undefined,
  /** Each Azure fabric has one server that nobody installed. */
  servicesProviders: ({ name }, vault) => [{ name: guidOf(vault.key, 'provider', name), properties: {} }],
  protectableItems: () => [],
};
