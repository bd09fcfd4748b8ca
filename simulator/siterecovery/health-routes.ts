// The vault's health, what happened in it, and what it supports.

import type { Answer } from '../wire/exchange.ts';
import { list, ok } from './answers.ts';
import type { Fields } from './filter.ts';
import { guidOf, wireTime } from './ids.ts';
import type { HealthError, ItemHealth } from './provider.ts';
import { errorOf, type ItemRecord, type JobRecord } from './records.ts';
import {
  accept,
  activity,
  faultFor,
  filteredList,
  get,
  isSeen,
  one,
  pageOf,
  post,
  type VaultRequest,
  type VaultRoute,
} from './request.ts';
import { stateRow } from './table.ts';
import { VAULT_TYPE } from './vault.ts';

interface Examined {
  readonly item: ItemRecord;
  readonly health: ItemHealth;
}

const examined = (request: VaultRequest): Examined[] =>
  request.vault
    .items()
    .filter((item) => isSeen(request, item))
    .map((item) => ({
      item,
      health: request.items.providerOf(item).health(item, request.vault, request.now),
    }));

/** One issue for each code, with all whom it concerns. */
function issuesOf(all: readonly Examined[]) {
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

function countsOf(request: VaultRequest, all: readonly Examined[]) {
  const count = (test: (one: Examined) => boolean): number => all.filter(test).length;
  const offers =
    (operation: string) =>
    ({ item }: Examined): boolean =>
      stateRow(request.items.providerOf(item).table, item.state).allowedOperations.includes(operation);
  const has =
    (category: string, level: HealthError['errorLevel']) =>
    ({ health }: Examined): boolean =>
      health.errors.some(
        ({ errorCategory, errorLevel }) => errorCategory === category && errorLevel === level,
      );
  return {
    testFailoverApplicableProtectedItemsCount: count(offers('TestFailover')),
    testFailoverInProgressProtectedItemsCount: count(
      ({ item }) => item.shown?.scenarioName === 'TestFailover',
    ),
    testFailoverWaitingProtectedItemsCount: count(offers('TestFailoverCleanup')),
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

function vaultHealth(request: VaultRequest): Answer {
  const { vault } = request;
  const all = examined(request);
  const plain = (resourceCount: number) => ({ resourceCount, issues: [], categorizedResourceCounts: null });
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
      fabricsHealth: plain(vault.fabrics().length),
      containersHealth: plain(vault.containers().length),
    },
  });
}

function refresh(request: VaultRequest): Answer {
  const { vault, ground, now } = request;
  return accept(
    request,
    { operation: 'refreshHealth', name: vault.name, resource: `${vault.id}/replicationVaultHealth/default` },
    () =>
      ground.accept({
        vault,
        operation: 'refreshHealth',
        name: vault.name,
        input: {},
        activityId: activity(request),
        fault: faultFor(request, vault.name),
        now,
      }),
  );
}

/** Something that happened, told of a job or of an item's health. */
interface Happening {
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
}

/** .NET's ticks: tenths of microseconds since the year 1. */
const ticksOf = (at: number): bigint => BigInt(at) * 10_000n + 621_355_968_000_000_000n;

function ofJob({ engine }: VaultRequest, job: JobRecord): Happening {
  const row = engine.workOf(job.table).row(job.table, job.operation);
  const error = errorOf(job);
  const told = [...(error ? [error] : []), ...job.warnings];
  const at = job.endedAt ?? job.acceptedAt;
  const warned = told.length > 0 ? 'Warning' : 'OK';
  return {
    name: `JobStatusMonitoringEvent;${ticksOf(at)}_${job.id}`,
    eventCode: 'SRSJobStatus',
    description: `${row.scenarioName} - ${job.state}`,
    eventType: 'JobStatus',
    severity: error ? 'Critical' : warned,
    object: job.target.name,
    correlationId: job.target.id,
    at,
    job: { id: job.id, friendlyName: row.scenarioName, state: job.state, type: job.target.instanceType },
    errors: told.map(({ code, message, possibleCauses, recommendedAction }) => ({
      errorCode: code,
      errorMessage: message,
      possibleCauses,
      recommendedAction,
    })),
  };
}

function ofHealth({ items }: VaultRequest, { item, health }: Examined): Happening[] {
  const provider = items.providerOf(item);
  return health.errors.map((error) => ({
    name: `VmMonitoringEvent;${ticksOf(error.since)}_${guidOf(item.key, error.errorCode)}`,
    eventCode: 'VmHealthChanged',
    description: 'Virtual machine health changed',
    eventType: 'VmHealth',
    severity: error.errorLevel === 'Error' ? 'Critical' : 'Warning',
    object: provider.friendlyName(item),
    correlationId: provider.targetObjectId(item),
    at: error.since,
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
function happenings(request: VaultRequest): Happening[] {
  const { store, vault } = request;
  const ended = [...store.jobs()].filter(
    (job) => job.endedAt !== null && job.vault === vault.key && job.parent === null,
  );
  return [
    ...ended.map((job) => ofJob(request, job)),
    ...examined(request).flatMap((one) => ofHealth(request, one)),
  ].sort((one, other) => other.at - one.at);
}

function eventBody(
  { vault }: VaultRequest,
  { name, at, object, correlationId, job, errors, ...event }: Happening,
) {
  return {
    name,
    type: `${VAULT_TYPE}/replicationEvents`,
    id: `${vault.id}/replicationEvents/${name}`,
    properties: {
      ...event,
      affectedObjectFriendlyName: object,
      affectedObjectCorrelationId: correlationId,
      timeOfOccurrence: wireTime(at),
      fabricId: '',
      providerSpecificDetails: null,
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
        creationTimeUtc: wireTime(at),
        recoveryProviderErrorMessage: null,
        entityId: null,
      })),
    },
  };
}

const EVENT_FIELDS: Fields<Happening> = {
  severity: ({ severity }) => severity,
  eventtype: ({ eventType }) => eventType,
  eventcode: ({ eventCode }) => eventCode,
  affectedobjectfriendlyname: ({ object }) => object,
  affectedobjectcorrelationid: ({ correlationId }) => correlationId,
  starttime: ({ at }) => at,
  endtime: ({ at }) => at,
};

const EVENTS_PAGE = 1000;

function supportedSystems({ vault, providers, query }: VaultRequest): Answer {
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
  post('replicationVaultHealth/default/refresh', refresh),
  get('replicationEvents', (request) =>
    filteredList(request, happenings(request), EVENT_FIELDS, (events) =>
      pageOf(request, events, (event) => eventBody(request, event), { size: EVENTS_PAGE, token: 'Event' }),
    ),
  ),
  get('replicationEvents/{event}', (request, { event = '' }) =>
    one(request, happenings(request), event, (found) => eventBody(request, found)),
  ),
  get('replicationSupportedOperatingSystems', supportedSystems),
  get('replicationVaultSettings', () => list([])),
];
