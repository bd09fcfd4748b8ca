// The fields of a replicated item that look the same for all providers.

import { formatTime, NO_SCENARIO_TIME } from '../../ids.ts';
import type { HealthError, ItemHealth } from '../../provider.ts';
import type { StateRow } from '../../provider-table.ts';
import type { ItemRecord } from '../../records.ts';
import type { Vault } from '../../vault.ts';

/** The facts about an item that its provider knows. */
export interface ItemFacts {
  readonly health: ItemHealth;
  /** The GUID that health errors name. */
  readonly entityId: string;
  readonly lastSuccessfulFailover: number | null;
  readonly lastSuccessfulTest: number | null;
  readonly failoverRecoveryPoint: string | null;
}

const healthErrorBody = (entityId: string, { since, ...error }: HealthError) => ({
  innerHealthErrors: [],
  ...error,
  summaryMessage: '',
  creationTimeUtc: formatTime(since),
  recoveryProviderErrorMessage: null,
  entityId,
  errorId: `6:${error.errorType}`,
  customerResolvability: 'NotAllowed',
});

function scenarioBody({ shown, scenario: kept }: ItemRecord, vault: Vault) {
  const job = shown ?? kept;
  if (!job) return { scenarioName: 'None', jobId: 'None', startTime: NO_SCENARIO_TIME };
  return {
    scenarioName: job.scenarioName,
    jobId: vault.jobId(job.jobId),
    startTime: formatTime(job.startTime),
  };
}

/** Returns the fields from the protection state to the recovery point of the last failover. */
export function stateFields(item: ItemRecord, vault: Vault, row: StateRow, facts: ItemFacts) {
  const { health, entityId, lastSuccessfulFailover, lastSuccessfulTest, failoverRecoveryPoint } = facts;
  return {
    protectionState: row.protectionState,
    protectionStateDescription: row.protectionStateDescription,
    activeLocation: row.activeLocation,
    testFailoverState: row.testFailover?.state ?? 'None',
    testFailoverStateDescription: row.testFailover?.description ?? 'None',
    switchProviderState: 'None',
    switchProviderStateDescription: null,
    allowedOperations: item.shown ? [] : row.allowedOperations,
    replicationHealth: health.replication,
    failoverHealth: health.failover,
    healthErrors: health.errors.map((error) => healthErrorBody(entityId, error)),
    policyId: vault.policyId(item.policy),
    policyFriendlyName: item.policy,
    ...(lastSuccessfulFailover === null
      ? {}
      : { lastSuccessfulFailoverTime: formatTime(lastSuccessfulFailover) }),
    ...(lastSuccessfulTest === null
      ? {}
      : { lastSuccessfulTestFailoverTime: formatTime(lastSuccessfulTest) }),
    currentScenario: scenarioBody(item, vault),
    failoverRecoveryPointId:
      failoverRecoveryPoint === null ? null : `${vault.itemId(item)}/recoveryPoints/${failoverRecoveryPoint}`,
  };
}
