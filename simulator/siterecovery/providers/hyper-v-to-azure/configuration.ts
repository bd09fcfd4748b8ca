// Policies and mappings of Hyper-V machines.

import * as z from 'zod';

import { policyOutOfBounds } from '../../errors.ts';
import type { PolicyRecord, ProviderSettings } from '../../configuration-records.ts';
import type { SettingsResult } from '../../provider.ts';
import { HYPER_V } from './details.ts';

export interface HyperVPolicy extends ProviderSettings {
  readonly recoveryPointHistoryDurationInHours: number;
  readonly applicationConsistentSnapshotFrequencyInHours: number;
  /** Seconds between two transfers of changes. */
  readonly replicationInterval: number;
  readonly encryption: string;
  readonly activeStorageAccountId: string | null;
}

const DEFAULT_POLICY = {
  recoveryPointHistoryDurationInHours: 0,
  applicationConsistentSnapshotFrequencyInHours: 0,
  replicationInterval: 300,
  encryption: 'Disabled',
  activeStorageAccountId: null,
} as const;

/** Returns the settings of the policy. An item may outlive its policy. */
export const policySettings = (policy: PolicyRecord | undefined): HyperVPolicy => ({
  instanceType: HYPER_V,
  ...DEFAULT_POLICY,
  ...policy?.settings,
});

const policyInput = z.object({
  instanceType: z.literal(HYPER_V),
  recoveryPointHistoryDuration: z.number().nullish(),
  applicationConsistentSnapshotFrequencyInHours: z.number().nullish(),
  replicationInterval: z.number().nullish(),
  onlineReplicationStartTime: z.string().nullish(),
  storageAccounts: z.array(z.string()).nullish(),
});

/** The bounds of Hyper-V Replica, as documented. */
const MAX_HISTORY_HOURS = 24;
const MAX_SNAPSHOT_HOURS = 12;
const INTERVALS_SECONDS = [30, 300, 900];

function policyLimitError({
  recoveryPointHistoryDurationInHours: history,
  applicationConsistentSnapshotFrequencyInHours: snapshots,
  replicationInterval: interval,
}: HyperVPolicy): string | undefined {
  if (history < 0 || history > MAX_HISTORY_HOURS)
    return `Recovery points can be kept for up to ${MAX_HISTORY_HOURS} hours; ${history} were asked for.`;
  if (snapshots < 0 || snapshots > MAX_SNAPSHOT_HOURS)
    return (
      `Application-consistent snapshots are made every 1 to ${MAX_SNAPSHOT_HOURS} hours, or not at ` +
      `all (0); ${snapshots} was asked for.`
    );
  if (snapshots > history)
    return (
      `Application-consistent snapshots every ${snapshots} hours outlive the retention of ` +
      `${history} hours.`
    );
  if (!INTERVALS_SECONDS.includes(interval))
    return `Changes are copied every ${INTERVALS_SECONDS.join(', ')} seconds; ${interval} was asked for.`;
  return undefined;
}

export function readPolicy(input: unknown, before: ProviderSettings | undefined): SettingsResult {
  const read = policyInput.safeParse(input);
  if (!read.success) return { problem: z.prettifyError(read.error) };
  const { recoveryPointHistoryDuration, applicationConsistentSnapshotFrequencyInHours, ...given } = read.data;
  const known = { ...DEFAULT_POLICY, ...(before as HyperVPolicy | undefined) };
  const settings: HyperVPolicy = {
    instanceType: HYPER_V,
    recoveryPointHistoryDurationInHours:
      recoveryPointHistoryDuration ?? known.recoveryPointHistoryDurationInHours,
    applicationConsistentSnapshotFrequencyInHours:
      applicationConsistentSnapshotFrequencyInHours ?? known.applicationConsistentSnapshotFrequencyInHours,
    replicationInterval: given.replicationInterval ?? known.replicationInterval,
    encryption: known.encryption,
    activeStorageAccountId: given.storageAccounts?.[0] ?? known.activeStorageAccountId,
  };
  const wrong = policyLimitError(settings);
  return wrong === undefined ? { settings } : { error: policyOutOfBounds(wrong) };
}

const mappingInput = z.object({ instanceType: z.literal(HYPER_V) }).nullish();

/** A mapping of this provider has no settings. */
export function readMapping(input: unknown): SettingsResult {
  const read = mappingInput.safeParse(input);
  return read.success ? { settings: { instanceType: HYPER_V } } : { problem: z.prettifyError(read.error) };
}
