// Policies and mappings of VMM clouds.

import * as z from 'zod';

import type { ContainerMappingRecord, PolicyRecord, ProviderSettings } from '../../configuration-records.ts';
import { policyOutOfBounds, providerRefuses } from '../../errors.ts';
import type { SettingsResult } from '../../provider.ts';
import type { JobError } from '../../records.ts';
import { isSameContainer, isSameName, type Vault } from '../../vault.ts';
import type { CloudType } from './details.ts';
import { findCloud } from './world.ts';

export interface CloudPolicy extends ProviderSettings {
  readonly instanceType: CloudType;
  readonly replicationFrequencyInSeconds: number;
  /** Hourly points beside the latest. */
  readonly recoveryPoints: number;
  readonly applicationConsistentSnapshotFrequencyInHours: number;
  readonly compression: 'Enabled' | 'Disabled';
  readonly initialReplicationMethod: 'OverNetwork' | 'Offline';
  readonly onlineReplicationStartTime: string | null;
  readonly offlineReplicationImportPath: string | null;
  readonly offlineReplicationExportPath: string | null;
  readonly replicationPort: number;
  /** 1: Kerberos. 2: certificates. */
  readonly allowedAuthenticationType: number;
  readonly replicaDeletionOption: string;
}

const KERBEROS = 1;
const CERTIFICATES = 2;
const portOf = (authentication: number): number => (authentication === KERBEROS ? 8083 : 8084);
const DELETES_REPLICA = 'SecondaryVMOnRecoveryCloud';

const DEFAULT_POLICY = {
  replicationFrequencyInSeconds: 300,
  recoveryPoints: 0,
  applicationConsistentSnapshotFrequencyInHours: 0,
  compression: 'Disabled',
  initialReplicationMethod: 'OverNetwork',
  onlineReplicationStartTime: null,
  offlineReplicationImportPath: null,
  offlineReplicationExportPath: null,
  replicationPort: portOf(CERTIFICATES),
  allowedAuthenticationType: CERTIFICATES,
  replicaDeletionOption: 'NotRequired',
} as const;

/** Returns the settings of the policy. An item may outlive its policy. */
export const policySettings = (policy: PolicyRecord | undefined): CloudPolicy => ({
  ...DEFAULT_POLICY,
  ...(policy?.settings as Partial<CloudPolicy> | undefined),
  instanceType: (policy?.settings.instanceType ?? 'HyperVReplica2012R2') as CloudType,
});

export const deletesReplica = ({ replicaDeletionOption }: CloudPolicy): boolean =>
  replicaDeletionOption === DELETES_REPLICA;

const policyInput = z.object({
  recoveryPoints: z.int().nullish(),
  replicationFrequencyInSeconds: z.int().nullish(),
  applicationConsistentSnapshotFrequencyInHours: z.int().nullish(),
  compression: z.enum(['Enable', 'Disable']).nullish(),
  initialReplicationMethod: z.enum(['OverNetwork', 'Offline']).nullish(),
  onlineReplicationStartTime: z.string().nullish(),
  offlineReplicationImportPath: z.string().nullish(),
  offlineReplicationExportPath: z.string().nullish(),
  replicationPort: z.int().nullish(),
  allowedAuthenticationType: z.int().nullish(),
  replicaDeletion: z.enum(['Required', 'NotRequired']).nullish(),
});

/** The bounds of Hyper-V Replica, as documented. */
const MAX_POINTS: Readonly<Record<CloudType, number>> = { HyperVReplica2012R2: 24, HyperVReplica2012: 15 };
const MAX_SNAPSHOT_HOURS = 12;
const INTERVALS_SECONDS: Readonly<Record<CloudType, readonly number[]>> = {
  HyperVReplica2012R2: [30, 300, 900],
  HyperVReplica2012: [300],
};
const START_TIME = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;

function policyProblem(policy: CloudPolicy): string | undefined {
  const { instanceType, recoveryPoints: points, replicationFrequencyInSeconds: interval } = policy;
  const snapshots = policy.applicationConsistentSnapshotFrequencyInHours;
  if (points < 0 || points > MAX_POINTS[instanceType])
    return `Up to ${MAX_POINTS[instanceType]} recovery points can be kept; ${points} were asked for.`;
  if (snapshots < 0 || snapshots > MAX_SNAPSHOT_HOURS)
    return (
      `Application-consistent snapshots are made every 1 to ${MAX_SNAPSHOT_HOURS} hours, or not at ` +
      `all (0); ${snapshots} was asked for.`
    );
  if (snapshots > 0 && snapshots >= points)
    return `Application-consistent snapshots every ${snapshots} hours need more than ${points} recovery points.`;
  if (!INTERVALS_SECONDS[instanceType].includes(interval))
    return `Changes are copied every ${INTERVALS_SECONDS[instanceType].join(', ')} seconds; ${interval} was asked for.`;
  if (policy.replicationPort < 1 || policy.replicationPort > 65_535)
    return `The port ${policy.replicationPort} does not exist.`;
  if (![KERBEROS, CERTIFICATES].includes(policy.allowedAuthenticationType))
    return `The type of authentication is ${KERBEROS} (Kerberos) or ${CERTIFICATES} (certificates).`;
  if (policy.onlineReplicationStartTime !== null && !START_TIME.test(policy.onlineReplicationStartTime))
    return `The start of the initial replication is a time of day, not '${policy.onlineReplicationStartTime}'.`;
  const paths = [policy.offlineReplicationExportPath, policy.offlineReplicationImportPath];
  return policy.initialReplicationMethod === 'Offline' && paths.includes(null)
    ? 'An offline initial replication needs the path of the export and the path of the import.'
    : undefined;
}

const orNull = (given: string | null | undefined, before: string | null): string | null =>
  given === undefined || given === null || given === '' ? before : given;

export const policyReader =
  (instanceType: CloudType) =>
  (input: unknown, before: ProviderSettings | undefined): SettingsResult => {
    const read = policyInput.safeParse(input);
    if (!read.success) return { problem: z.prettifyError(read.error) };
    const given = read.data;
    const known: CloudPolicy = { ...DEFAULT_POLICY, ...before, instanceType };
    const authentication = given.allowedAuthenticationType ?? known.allowedAuthenticationType;
    const settings: CloudPolicy = {
      instanceType,
      replicationFrequencyInSeconds:
        given.replicationFrequencyInSeconds ?? known.replicationFrequencyInSeconds,
      recoveryPoints: given.recoveryPoints ?? known.recoveryPoints,
      applicationConsistentSnapshotFrequencyInHours:
        given.applicationConsistentSnapshotFrequencyInHours ??
        known.applicationConsistentSnapshotFrequencyInHours,
      compression: given.compression ? `${given.compression}d` : known.compression,
      initialReplicationMethod: given.initialReplicationMethod ?? known.initialReplicationMethod,
      onlineReplicationStartTime: orNull(given.onlineReplicationStartTime, known.onlineReplicationStartTime),
      offlineReplicationImportPath: orNull(
        given.offlineReplicationImportPath,
        known.offlineReplicationImportPath,
      ),
      offlineReplicationExportPath: orNull(
        given.offlineReplicationExportPath,
        known.offlineReplicationExportPath,
      ),
      replicationPort: given.replicationPort ?? (before ? known.replicationPort : portOf(authentication)),
      allowedAuthenticationType: authentication,
      replicaDeletionOption: given.replicaDeletion
        ? { Required: DELETES_REPLICA, NotRequired: 'NotRequired' }[given.replicaDeletion]
        : known.replicaDeletionOption,
    };
    const problem = policyProblem(settings);
    return problem === undefined ? { settings } : { error: policyOutOfBounds(problem) };
  };

/** A mapping of clouds has no settings. */
export const mappingReader = (instanceType: CloudType) => (): SettingsResult => ({
  settings: { instanceType },
});

/** Returns why these clouds cannot replicate with this policy. */
export function mappingError(
  { from, to, policy }: ContainerMappingRecord,
  vault: Vault,
): JobError | undefined {
  const settings = policySettings(vault.policy(policy));
  const { instanceType } = settings;
  const refuse = (causes: string, action: string): JobError => providerRefuses(instanceType, causes, action);
  const [source, target] = [findCloud(vault, from), findCloud(vault, to)];
  if (!source || !target)
    return refuse('The policy is for two clouds of VMM servers.', 'Name two clouds of VMM servers.');
  if (isSameContainer(from, to))
    return refuse(
      `The cloud '${source.cloud.name}' cannot replicate to itself.`,
      'Choose another target cloud.',
    );
  const wanted = instanceType === 'HyperVReplica2012' ? '2012' : '2012R2';
  const other = [...source.hosts, ...target.hosts].find(({ operatingSystem }) => operatingSystem !== wanted);
  if (other)
    return refuse(
      `The policy is for hosts on Windows Server ${wanted}, and '${other.name}' has ${other.operatingSystem}.`,
      'Use a policy for the version of the hosts.',
    );
  if (isSameName(from.fabric, to.fabric) && settings.initialReplicationMethod === 'Offline')
    return refuse(
      'Both clouds belong to one VMM server. An offline initial replication needs two servers.',
      'Use a policy with an initial replication over the network.',
    );
  const own = vault.onPremises
    .machines(source.server.name)
    .find(
      ({ name, facts }) => name === source.facts.virtualMachine && facts?.['cloud'] === source.cloud.name,
    );
  return own
    ? refuse(
        `The VMM server runs in the machine '${own.name}' of the cloud '${source.cloud.name}'.`,
        'Take the machine out of the cloud, and replicate it with Hyper-V Replica.',
      )
    : undefined;
}
