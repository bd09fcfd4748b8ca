// The bounds of a policy between VMM clouds.

export type HostVersion = '2012' | '2012R2';

/** The settings of the replication between two clouds. */
export interface CloudPolicy {
  readonly hostVersion: HostVersion;
  readonly copyEverySeconds: number;
  /** Hourly recovery points beside the latest. */
  readonly recoveryPoints: number;
  /** 0: no application-consistent snapshots. */
  readonly snapshotEveryHours: number;
  readonly port: number;
  readonly initialReplication: 'now' | 'atTime' | 'offline';
  readonly startTime?: string | undefined;
  readonly exportPath?: string | undefined;
  readonly importPath?: string | undefined;
}

export interface PolicyFinding {
  readonly field: keyof CloudPolicy;
  readonly reason: string;
}

/** The ports of the replica hosts, by authentication. */
export const DEFAULT_PORTS = { kerberos: 8083, certificate: 8084 } as const;
const COPY_EVERY_SECONDS: Readonly<Record<HostVersion, readonly number[]>> = {
  '2012': [300],
  '2012R2': [30, 300, 900],
};
const MAX_RECOVERY_POINTS: Readonly<Record<HostVersion, number>> = { '2012': 15, '2012R2': 24 };
const MAX_SNAPSHOT_HOURS = 12;
const MAX_PORT = 65_535;
const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;

const isWholeBetween = (value: number, min: number, max: number): boolean =>
  Number.isInteger(value) && value >= min && value <= max;

function snapshotFinding({ snapshotEveryHours: hours, recoveryPoints }: CloudPolicy): string | undefined {
  if (!isWholeBetween(hours, 0, MAX_SNAPSHOT_HOURS))
    return `Application-consistent snapshots are off (0) or every 1 to ${MAX_SNAPSHOT_HOURS} hours.`;
  return hours > 0 && hours >= recoveryPoints
    ? `The hours between snapshots must be fewer than the recovery points (${recoveryPoints}).`
    : undefined;
}

function initialReplicationFindings(policy: CloudPolicy): PolicyFinding[] {
  const { initialReplication, startTime } = policy;
  if (initialReplication === 'atTime')
    return TIME_OF_DAY.test(startTime ?? '')
      ? []
      : [{ field: 'startTime', reason: 'The initial replication needs a time of day, such as 22:30.' }];
  if (initialReplication === 'now') return [];
  return (['exportPath', 'importPath'] as const)
    .filter((field) => (policy[field] ?? '') === '')
    .map((field) => ({ field, reason: 'An offline initial replication needs both paths.' }));
}

/** Returns why Site Recovery would refuse the policy. */
export function policyProblems(policy: CloudPolicy): readonly PolicyFinding[] {
  const { hostVersion, copyEverySeconds, recoveryPoints, port } = policy;
  const findings: PolicyFinding[] = [];
  const allowed = COPY_EVERY_SECONDS[hostVersion];
  if (!allowed.includes(copyEverySeconds))
    findings.push({
      field: 'copyEverySeconds',
      reason: `Hosts on Windows Server ${hostVersion} copy every ${allowed.join(', ')} seconds.`,
    });
  if (!isWholeBetween(recoveryPoints, 0, MAX_RECOVERY_POINTS[hostVersion]))
    findings.push({
      field: 'recoveryPoints',
      reason: `Hosts on Windows Server ${hostVersion} keep up to ${MAX_RECOVERY_POINTS[hostVersion]} recovery points.`,
    });
  const snapshot = snapshotFinding(policy);
  if (snapshot !== undefined) findings.push({ field: 'snapshotEveryHours', reason: snapshot });
  if (!isWholeBetween(port, 1, MAX_PORT))
    findings.push({ field: 'port', reason: `A port is between 1 and ${MAX_PORT}.` });
  return [...findings, ...initialReplicationFindings(policy)];
}

/** Snapshots need VSS in the machine and load its host. */
export const policyWarnings = ({ snapshotEveryHours }: CloudPolicy): readonly PolicyFinding[] =>
  snapshotEveryHours > 0
    ? [{ field: 'snapshotEveryHours', reason: 'Application-consistent snapshots put load on the machines.' }]
    : [];
