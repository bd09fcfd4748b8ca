// Policies and container mappings of the VMware providers.

import * as z from 'zod';

import { policyOutOfBounds } from '../../errors.ts';
import type { PolicyRecord, ProviderSettings } from '../../configuration-records.ts';
import type { SettingsResult } from '../../provider.ts';
import { CLASSIC, MODERN, type InstanceType } from './details.ts';

const minutes = z.number().nullish();

/** Every provider names the same settings differently. */
const policyInputs = {
  InMageRcm: z
    .object({
      instanceType: z.literal(MODERN.toAzure),
      recoveryPointHistoryInMinutes: minutes,
      appConsistentFrequencyInMinutes: minutes,
      crashConsistentFrequencyInMinutes: minutes,
      enableMultiVmSync: z.enum(['true', 'false', 'True', 'False']).nullish(),
    })
    .transform((given) => ({
      history: given.recoveryPointHistoryInMinutes,
      app: given.appConsistentFrequencyInMinutes,
      crash: given.crashConsistentFrequencyInMinutes,
      shared: given.enableMultiVmSync?.toLowerCase(),
    })),
  InMageRcmFailback: z
    .object({
      instanceType: z.literal(MODERN.home),
      appConsistentFrequencyInMinutes: minutes,
      crashConsistentFrequencyInMinutes: minutes,
    })
    .transform((given) => ({
      history: 0,
      app: given.appConsistentFrequencyInMinutes,
      crash: given.crashConsistentFrequencyInMinutes,
      shared: undefined,
    })),
  InMageAzureV2: classicInput(CLASSIC.toAzure),
  InMage: classicInput(CLASSIC.home),
} as const;

function classicInput(instanceType: InstanceType) {
  return z
    .object({
      instanceType: z.literal(instanceType),
      recoveryPointThresholdInMinutes: minutes,
      recoveryPointHistory: minutes,
      appConsistentFrequencyInMinutes: minutes,
      crashConsistentFrequencyInMinutes: minutes,
      multiVmSyncStatus: z.enum(['Enable', 'Disable']),
    })
    .transform((given) => ({
      history: given.recoveryPointHistory,
      app: given.appConsistentFrequencyInMinutes,
      crash: given.crashConsistentFrequencyInMinutes,
      shared: String(given.multiVmSyncStatus === 'Enable'),
      threshold: given.recoveryPointThresholdInMinutes,
    }));
}

/** The settings of a policy in the terms of the simulator. */
export interface VmwarePolicy {
  readonly history: number;
  readonly app: number;
  readonly crash: number;
  readonly shared: boolean;
}

const HOUR_MINUTES = 60;
/** As documented: the appliance keeps points for up to 15 days, the configuration server for three. */
const MOST_HISTORY: Readonly<Record<InstanceType, number>> = {
  InMageRcm: 15 * 24 * HOUR_MINUTES,
  InMageRcmFailback: 15 * 24 * HOUR_MINUTES,
  InMageAzureV2: 72 * HOUR_MINUTES,
  InMage: 72 * HOUR_MINUTES,
};
const MOST_APP = 24 * HOUR_MINUTES;

function limitError(instanceType: InstanceType, { history, app, crash }: VmwarePolicy): string | undefined {
  const most = MOST_HISTORY[instanceType];
  if (history < 0 || history > most)
    return `Recovery points can be kept for up to ${most} minutes; ${history} were asked for.`;
  if (app < 0 || app > MOST_APP)
    return `Application-consistent snapshots are made up to every ${MOST_APP} minutes; ${app} was asked for.`;
  if (crash < 1 || crash > HOUR_MINUTES)
    return `Crash-consistent snapshots are made every 1 to ${HOUR_MINUTES} minutes; ${crash} was asked for.`;
  return undefined;
}

const USAGE = { status: false, associatedItemsCount: 0, dataSourceType: 'VM' } as const;

function settingsOf(
  instanceType: InstanceType,
  { history, app, crash, shared }: VmwarePolicy,
  threshold: number,
): ProviderSettings {
  const frequencies = { appConsistentFrequencyInMinutes: app, crashConsistentFrequencyInMinutes: crash };
  switch (instanceType) {
    case 'InMageRcm':
      return {
        instanceType,
        recoveryPointHistoryInMinutes: history,
        ...frequencies,
        enableMultiVmSync: String(shared),
        ...USAGE,
      };
    case 'InMageRcmFailback':
      return { instanceType, ...frequencies, ...USAGE };
    case 'InMageAzureV2':
    case 'InMage':
      return {
        instanceType,
        ...(instanceType === 'InMageAzureV2' && { crashConsistentFrequencyInMinutes: crash }),
        recoveryPointThresholdInMinutes: threshold,
        recoveryPointHistory: history,
        appConsistentFrequencyInMinutes: app,
        multiVmSyncStatus: shared ? 'Enabled' : 'Disabled',
        ...USAGE,
      };
  }
}

const numberIn = (settings: ProviderSettings | undefined, ...names: readonly string[]): number | undefined =>
  names.map((name) => settings?.[name]).find((value) => typeof value === 'number');

/** Reads a stored policy. An item may outlive its policy. */
export function policyOf(policy: PolicyRecord | undefined): VmwarePolicy {
  const settings = policy?.settings;
  return {
    history: numberIn(settings, 'recoveryPointHistoryInMinutes', 'recoveryPointHistory') ?? 24 * HOUR_MINUTES,
    app: numberIn(settings, 'appConsistentFrequencyInMinutes') ?? 0,
    crash: numberIn(settings, 'crashConsistentFrequencyInMinutes') ?? 5,
    shared: settings?.['enableMultiVmSync'] === 'true' || settings?.['multiVmSyncStatus'] === 'Enabled',
  };
}

export const policyReader =
  (instanceType: InstanceType) =>
  (input: unknown, before: ProviderSettings | undefined): SettingsResult => {
    const read = policyInputs[instanceType].safeParse(input);
    if (!read.success) return { problem: z.prettifyError(read.error) };
    const { history, app, crash, shared, ...classic } = read.data;
    const known = before && policyOf({ name: '', settings: before });
    const policy: VmwarePolicy = {
      history: history ?? known?.history ?? 24 * HOUR_MINUTES,
      app: app ?? known?.app ?? 0,
      crash: crash ?? known?.crash ?? 5,
      shared: shared === undefined ? (known?.shared ?? false) : shared === 'true',
    };
    const threshold =
      'threshold' in classic && typeof classic.threshold === 'number' ? classic.threshold : 15;
    const wrong = limitError(instanceType, policy);
    return wrong === undefined
      ? { settings: settingsOf(instanceType, policy, threshold) }
      : { error: policyOutOfBounds(wrong) };
  };

/** The policy that the service itself creates for the way home. */
export const homePolicy = (policy: PolicyRecord, home: InstanceType): ProviderSettings =>
  settingsOf(home, policyOf(policy), 15);

const mappingInput = z
  .object({
    instanceType: z.string(),
    enableAgentAutoUpgrade: z.enum(['true', 'false', 'True', 'False']).nullish(),
  })
  .nullish();

export const mappingReader =
  (instanceType: InstanceType) =>
  (input: unknown, before: ProviderSettings | undefined): SettingsResult => {
    const read = mappingInput.safeParse(input);
    if (!read.success) return { problem: z.prettifyError(read.error) };
    if (instanceType !== MODERN.toAzure) return { settings: { instanceType } };
    const upgrade =
      read.data?.enableAgentAutoUpgrade?.toLowerCase() ?? before?.['enableAgentAutoUpgrade'] ?? 'true';
    return { settings: { instanceType, enableAgentAutoUpgrade: upgrade } };
  };
