// The health errors that items of several providers have.

import type { Health, HealthError, ItemHealth } from '../../provider.ts';

const MINUTE_MS = 60_000;
/** How long after protection the service starts to warn that nobody has tested a failover. */
const TEST_WARNING_AFTER_MS = 10 * MINUTE_MS;
const UNREACHABLE_WARNING_AFTER_MS = 15 * MINUTE_MS;
const UNREACHABLE_CRITICAL_AFTER_MS = 60 * MINUTE_MS;

export function missingTestError(
  {
    protectedSince,
    lastSuccessfulTest,
    isReady,
  }: {
    readonly protectedSince: number | null;
    readonly lastSuccessfulTest: number | null;
    readonly isReady: boolean;
  },
  now: number,
): HealthError | undefined {
  if (
    protectedSince === null ||
    lastSuccessfulTest !== null ||
    !isReady ||
    now < protectedSince + TEST_WARNING_AFTER_MS
  )
    return undefined;
  return {
    errorSource: 'ReplicationUnitFailoverValidatorError',
    errorType: '8010',
    errorLevel: 'Warning',
    errorCategory: 'TestFailover',
    errorCode: '161011',
    errorMessage: 'No test failover was done on this replicated item.',
    possibleCauses: 'The item became protected and was not tested since.',
    recommendedAction: 'Run a test failover.',
    since: protectedSince + TEST_WARNING_AFTER_MS,
  };
}

/** `since` is the time since when the source sends no data. */
export function unreachableSourceError(
  since: number | null,
  now: number,
  possibleCauses: string,
): HealthError | undefined {
  if (since === null || now < since + UNREACHABLE_WARNING_AFTER_MS) return undefined;
  const minutes = Math.floor((now - since) / MINUTE_MS);
  return {
    errorSource: 'ReplicationUnitReplicationError',
    errorType: '8012',
    errorLevel: now < since + UNREACHABLE_CRITICAL_AFTER_MS ? 'Warning' : 'Error',
    errorCategory: 'Replication',
    errorCode: '153006',
    errorMessage: `No recovery point was made for the virtual machine in the last ${minutes} minutes.`,
    possibleCauses,
    recommendedAction: 'Start the virtual machine, or fail over to the recovery region.',
    since: since + UNREACHABLE_WARNING_AFTER_MS,
  };
}

const overallHealth = (errors: readonly HealthError[]): Health => {
  if (errors.some(({ errorLevel }) => errorLevel === 'Error')) return 'Critical';
  return errors.length > 0 ? 'Warning' : 'Normal';
};

type PossibleErrors = readonly (HealthError | undefined)[];
const actualErrors = (errors: PossibleErrors): HealthError[] => errors.filter((error) => error !== undefined);

export function itemHealth(replication: PossibleErrors, failover: PossibleErrors): ItemHealth {
  const [ofReplication, ofFailover] = [actualErrors(replication), actualErrors(failover)];
  return {
    replication: overallHealth(ofReplication),
    failover: overallHealth(ofFailover),
    errors: [...ofReplication, ...ofFailover],
  };
}
