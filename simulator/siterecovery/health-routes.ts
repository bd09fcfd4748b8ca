// The routes of a vault's health, its events and its supported features.

import type { SimulatorResponse } from '../wire/exchange.ts';
import { listResponse, ok } from './responses.ts';
import type { FilterFields } from './filter.ts';
import { guidOf, formatTime } from './ids.ts';
import type { HealthError, ItemHealth } from './provider.ts';
import { errorOf, type ItemRecord, type JobRecord } from './records.ts';
import {
  acceptWrite,
  requestActivityId,
  operationFault,
  filteredList,
  get,
  isVisible,
  namedResponse,
  listPage,
  post,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';
import { stateRow } from './provider-table.ts';
import { VAULT_TYPE } from './vault.ts';

interface ItemWithHealth {
  readonly item: ItemRecord;
  readonly health: ItemHealth;
}

const itemsWithHealth = (request: VaultRequest): ItemWithHealth[] =>
  request.vault
    .items()
    .filter((item) => isVisible(request, item))
    .map((item) => ({
      item,
      health: request.items.providerOf(item).health(item, request.vault, request.now),
    }));

/** Returns one issue for each code, with all affected items. */
function issuesOf(all: readonly ItemWithHealth[]) {
  const byCode = new Map<string, { error: HealthError; ids: string[] }>();
  for (const { item, health } of all) {
    for (const error of health.errors) {
      const issue = byCode.get(error.errorCode) ?? { error, ids: [] };
      issue.ids.push(guidOf(item.key, 'target'));
      byCode.set(error.errorCode, issue);
    }
  }
  return [...byCode.values()].map(({ error, ids }) => ({
    summaryCode: error.errorCode,
    category: error.errorCategory,
    severity: error.errorLevel,
    summaryMessage: error.errorMessage,
    affectedResourceType: 'ReplicationProtectedItemType',
    affectedResourceSubtype: null,
    affectedResourceCorrelationIds: ids,
  }));
}

function countsOf(request: VaultRequest, all: readonly ItemWithHealth[]) {
  const count = (test: (item: ItemWithHealth) => boolean): number => all.filter(test).length;
  const allows =
    (operation: string) =>
    ({ item }: ItemWithHealth): boolean =>
      stateRow(request.items.providerOf(item).table, item.state).allowedOperations.includes(operation);
  const has =
    (category: string, level: HealthError['errorLevel']) =>
    ({ health }: ItemWithHealth): boolean =>
      health.errors.some(
        ({ errorCategory, errorLevel }) => errorCategory === category && errorLevel === level,
      );
  return {
    testFailoverApplicableProtectedItemsCount: count(allows('TestFailover')),
    testFailoverInProgressProtectedItemsCount: count(
      ({ item }) => item.shown?.scenarioName === 'TestFailover',
    ),
    testFailoverWaitingProtectedItemsCount: count(allows('TestFailoverCleanup')),
    protectedItemsCriticalCount: count(({ health }) => health.replication === 'Critical'),
    protectedItemsWarningCount: count(({ health }) => health.replication === 'Warning'),
    protectedItemsNeutralCount: count(({ health }) => health.replication === 'Normal'),
    protectedItemsTestFailoverCriticalCount: count(has('TestFailover', 'Error')),
    protectedItemsTestFailoverWarningCount: count(has('TestFailover', 'Warning')),
    protectedItemsConfigurationCriticalCount: count(has('Configuration', 'Error')),
    protectedItemsConfigurationWarningCount: count(has('Configuration', 'Warning')),
    protectedItemsFailoverHealthCriticalCount: count(({ health }) => health.failover === 'Critical'),
    protectedItemsFailoverHealthWarningCount: count(({ health }) => health.failover === 'Warning'),
  };
}

function vaultHealth(request: VaultRequest): SimulatorResponse {
  const { vault } = request;
  const all = itemsWithHealth(request);
  const healthyCount = (resourceCount: number) => ({
    resourceCount,
    issues: [],
    categorizedResourceCounts: null,
  });
  return ok({
    name: 'Default',
    type: `${VAULT_TYPE}/replicationVaultHealth`,
    id: `${vault.id}/replicationVaultHealth/Default`,
    properties: {
      vaultErrors: [],
      protectedItemsHealth: {
        resourceCount: all.length,
        issues: issuesOf(all),
        categorizedResourceCounts: countsOf(request, all),
      },
      fabricsHealth: healthyCount(vault.fabrics().length),
      containersHealth: healthyCount(vault.containers().length),
    },
  });
}

function refreshHealth(request: VaultRequest): SimulatorResponse {
  const { vault, configuration, now } = request;
  return acceptWrite(
    request,
    { operation: 'refreshHealth', name: vault.name, resource: `${vault.id}/replicationVaultHealth/default` },
    () =>
      configuration.accept({
        vault,
        operation: 'refreshHealth',
        name: vault.name,
        input: {},
        activityId: requestActivityId(request),
        fault: operationFault(request, vault.name),
        now,
      }),
  );
}

/** An event of the vault: the end of a job, or a change of an item's health. */
interface VaultEvent {
  readonly name: string;
  readonly eventCode: string;
  readonly description: string;
  readonly eventType: 'JobStatus' | 'VmHealth';
  readonly severity: 'Critical' | 'Warning' | 'OK';
  readonly object: string;
  readonly correlationId: string;
  readonly at: number;
  readonly job?: {
    readonly id: string;
    readonly friendlyName: string;
    readonly state: string;
    readonly type: string;
  };
  readonly errors: readonly Readonly<Record<string, string>>[];
  /** The fabric and the details of the item that the event is about. */
  readonly item?: { readonly fabricId: string; readonly details: unknown };
}

/** .NET's ticks: tenths of microseconds since the year 1. */
const toTicks = (at: number): bigint => BigInt(at) * 10_000n + 621_355_968_000_000_000n;

function jobEvent({ engine }: VaultRequest, job: JobRecord): VaultEvent {
  const row = engine.workOf(job.table).row(job.table, job.operation);
  const error = errorOf(job);
  const messages = [...(error ? [error] : []), ...job.warnings];
  const at = job.endedAt ?? job.acceptedAt;
  const warned = messages.length > 0 ? 'Warning' : 'OK';
  return {
    name: `JobStatusMonitoringEvent;${toTicks(at)}_${job.id}`,
    eventCode: 'SRSJobStatus',
    description: `${row.scenarioName} - ${job.state}`,
    eventType: 'JobStatus',
    severity: error ? 'Critical' : warned,
    object: job.target.name,
    correlationId: job.target.id,
    at,
    job: { id: job.id, friendlyName: row.scenarioName, state: job.state, type: job.target.instanceType },
    errors: messages.map(({ code, message, possibleCauses, recommendedAction }) => ({
      errorCode: code,
      errorMessage: message,
      possibleCauses,
      recommendedAction,
    })),
  };
}

function healthEvents({ items, vault }: VaultRequest, { item, health }: ItemWithHealth): VaultEvent[] {
  const provider = items.providerOf(item);
  return health.errors.map((error) => ({
    name: `VmMonitoringEvent;${toTicks(error.since)}_${guidOf(item.key, error.errorCode)}`,
    eventCode: 'VmHealthChanged',
    description: 'Virtual machine health changed',
    eventType: 'VmHealth',
    severity: error.errorLevel === 'Error' ? 'Critical' : 'Warning',
    object: provider.friendlyName(item),
    correlationId: provider.targetObjectId(item),
    at: error.since,
    item: { fabricId: vault.fabricId(item.place.fabric), details: provider.eventDetails(item, vault) },
    errors: [
      {
        errorCode: error.errorCode,
        errorMessage: error.errorMessage,
        possibleCauses: error.possibleCauses,
        recommendedAction: error.recommendedAction,
      },
    ],
  }));
}

/** Newest first. */
function listVaultEvents(request: VaultRequest): VaultEvent[] {
  const { store, vault } = request;
  const ended = [...store.jobs()].filter(
    (job) => job.endedAt !== null && job.vault === vault.key && job.parent === null,
  );
  return [
    ...ended.map((job) => jobEvent(request, job)),
    ...itemsWithHealth(request).flatMap((item) => healthEvents(request, item)),
  ].sort((left, right) => right.at - left.at);
}

function eventBody(
  { vault }: VaultRequest,
  { name, at, object, correlationId, job, item, errors, ...event }: VaultEvent,
) {
  return {
    name,
    type: `${VAULT_TYPE}/replicationEvents`,
    id: `${vault.id}/replicationEvents/${name}`,
    properties: {
      ...event,
      affectedObjectFriendlyName: object,
      affectedObjectCorrelationId: correlationId,
      timeOfOccurrence: formatTime(at),
      fabricId: item?.fabricId ?? '',
      providerSpecificDetails: item?.details ?? null,
      eventSpecificDetails: job
        ? {
            instanceType: 'JobStatus',
            jobId: vault.jobId(job.id),
            jobFriendlyName: job.friendlyName,
            jobStatus: job.state,
            affectedObjectType: job.type,
          }
        : null,
      healthErrors: errors.map((error) => ({
        errorLevel: null,
        ...error,
        creationTimeUtc: formatTime(at),
        recoveryProviderErrorMessage: null,
        entityId: null,
      })),
    },
  };
}

const EVENT_FIELDS: FilterFields<VaultEvent> = {
  severity: ({ severity }) => severity,
  eventtype: ({ eventType }) => eventType,
  eventcode: ({ eventCode }) => eventCode,
  affectedobjectfriendlyname: ({ object }) => object,
  affectedobjectcorrelationid: ({ correlationId }) => correlationId,
  starttime: ({ at }) => at,
  endtime: ({ at }) => at,
};

const EVENTS_PAGE_SIZE = 1000;

function supportedSystems({ vault, providers, query }: VaultRequest): SimulatorResponse {
  const wanted = query.get('instanceType');
  const supported = Object.values(providers).filter(
    ({ instanceType }) => wanted === null || instanceType === wanted,
  );
  return ok({
    name: 'Default',
    type: `${VAULT_TYPE}/replicationSupportedOperatingSystems`,
    id: `${vault.id}/replicationSupportedOperatingSystems/Default`,
    properties: {
      supportedOsList: supported.map(({ instanceType, operatingSystems }) => ({
        instanceType,
        supportedOs: operatingSystems,
      })),
    },
  });
}

export const healthRoutes: VaultRoute[] = [
  get('replicationVaultHealth', vaultHealth),
  get('replicationVaultHealth/default', vaultHealth),
  post('replicationVaultHealth/default/refresh', refreshHealth),
  get('replicationEvents', (request) =>
    filteredList(request, listVaultEvents(request), EVENT_FIELDS, (events) =>
      listPage(request, events, (event) => eventBody(request, event), {
        size: EVENTS_PAGE_SIZE,
        token: 'Event',
      }),
    ),
  ),
  get('replicationEvents/{event}', (request, { event = '' }) =>
    namedResponse(request, listVaultEvents(request), event, (found) => eventBody(request, found)),
  ),
  get('replicationSupportedOperatingSystems', supportedSystems),
  get('replicationVaultSettings', () => listResponse([])),
];
