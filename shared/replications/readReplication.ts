// Reads one replicated VM live from Azure: state, recovery points, target settings and jobs. The
// replication routes call this module. It writes nothing.
import type {
  ASRTask,
  HealthError,
  Job,
  JobErrorDetails,
  RecoveryPoint,
  ReplicationProtectedItem,
  SiteRecoveryManagementClient,
} from '@azure/arm-recoveryservices-siterecovery';
import { itemAddressOf, resourceGroupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import { rejected } from '../core/errors.ts';
import type { Scenario } from '../core/scenario.ts';
import { siteRecoveryClientFor } from '../scenarios/adapter.ts';
import type { VaultName } from '../scenarios/driver.ts';
import { requireCapabilities } from '../scenarios/drivers.ts';
import { textOrNull, isoTimeOrNull } from '../siterecovery/fromSdk.ts';
import { findItem } from './items.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { collectAll, undefinedIfNotFound, siteRecoveryClient, mapLimited } from '../azure/clients.ts';
import { withReadFaults } from '../azure/readFaults.ts';

/** A replicated VM with its recovery points and jobs, as Azure shows it now. */
export type ReplicationFromAzure = Awaited<ReturnType<typeof readReplication>>;

const NEWEST_JOBS = 10;

/** Reads one replicated VM live from Azure. Throws 404 ReplicationGone when there is no item. */
export function readReplication(vm: ReplicatedVmDocument) {
  return withReadFaults(`the replicated VM ${vm.name}`, async () => {
    const client = await siteRecoveryClient(subscriptionOf(vm.vaultArmId));
    const at = { vault: nameOf(vm.vaultArmId), resourceGroup: resourceGroupNameOf(vm.vaultArmId) };
    const item = await readItem(client, at, vm);
    const { fabric, container, name } = itemAddressOf(item.id ?? '');
    const [points, jobs] = await Promise.all([
      collectAll(
        client.recoveryPoints.listByReplicationProtectedItems(
          at.vault,
          at.resourceGroup,
          fabric,
          container,
          name,
        ),
      ),
      readJobs(client, at, item),
    ]);
    return { ...toReplicationFromAzure(vm.scenario, item), recoveryPoints: toPoints(points), jobs };
  });
}

async function readItem(
  client: SiteRecoveryManagementClient,
  at: VaultName,
  vm: ReplicatedVmDocument,
): Promise<ReplicationProtectedItem> {
  const readItemAt = (armId: string) => {
    const { fabric, container, name } = itemAddressOf(armId);
    return undefinedIfNotFound(
      client.replicationProtectedItems.get(at.vault, at.resourceGroup, fabric, container, name),
    );
  };
  const known = await readItemAt(vm.armId);
  if (known) return known;
  // A reprotect has moved the item.
  const moved = await findItem(await siteRecoveryClientFor(vm.vaultArmId), vm);
  const found = moved && (await readItemAt(moved.armId));
  if (!found)
    throw rejected(
      404,
      'ReplicationGone',
      `${vm.name} is no longer replicated in ${at.vault}: Site Recovery has no item for ` +
        'it. Enable replication again if you need it.',
    );
  return found;
}

function toReplicationFromAzure(scenario: Scenario, { id = '', properties = {} }: ReplicationProtectedItem) {
  return {
    armId: id,
    friendlyName: properties.friendlyName ?? '',
    protectionState: properties.protectionState ?? '',
    protectionStateDescription: textOrNull(properties.protectionStateDescription),
    activeLocation: properties.activeLocation ?? '',
    allowedOperations: properties.allowedOperations ?? [],
    testFailoverState: textOrNull(properties.testFailoverState),
    health: {
      replication: properties.replicationHealth ?? '',
      failover: properties.failoverHealth ?? '',
      errors: (properties.healthErrors ?? []).map(toHealthError),
    },
    policy: { id: properties.policyId ?? '', name: properties.policyFriendlyName ?? '' },
    ...requireCapabilities(scenario).readDetails(properties),
  };
}

const toHealthError = (raw: HealthError) => ({
  code: raw.errorCode ?? '',
  level: raw.errorLevel ?? '',
  message: raw.errorMessage ?? '',
  causes: textOrNull(raw.possibleCauses),
  remedy: textOrNull(raw.recommendedAction),
  since: isoTimeOrNull(raw.creationTimeUtc),
});

/** The number of points, and the newest point of each kind. */
function toPoints(points: readonly RecoveryPoint[]) {
  const sorted = points
    .map(({ id = '', properties }) => ({
      id,
      kind: properties?.recoveryPointType ?? '',
      at: isoTimeOrNull(properties?.recoveryPointTime) ?? '',
    }))
    .sort((first, second) => (first.at < second.at ? 1 : -1));
  return {
    count: points.length,
    newest: [...new Map(sorted.toReversed().map((point) => [point.kind, point])).values()].sort(
      (first, second) => (first.at < second.at ? 1 : -1),
    ),
  };
}

/** The list matches jobs to VMs by name. The details of a job need one request for each job. */
async function readJobs(client: SiteRecoveryManagementClient, at: VaultName, item: ReplicationProtectedItem) {
  const friendlyName = item.properties?.friendlyName ?? '';
  const currentJobName = nameOf(item.properties?.currentScenario?.jobId ?? '');
  const listed = (await collectAll(client.replicationJobs.list(at.vault, at.resourceGroup))).filter(
    ({ name = '', properties }) =>
      properties?.targetObjectName === friendlyName || (currentJobName !== '' && name === currentJobName),
  );
  const newest = listed
    .sort(
      (first, second) =>
        (second.properties?.startTime?.getTime() ?? 0) - (first.properties?.startTime?.getTime() ?? 0),
    )
    .slice(0, NEWEST_JOBS);
  const jobs = await mapLimited(newest, ({ name = '' }) =>
    undefinedIfNotFound(client.replicationJobs.get(at.vault, at.resourceGroup, name)),
  );
  return jobs.flatMap((job) => (job ? [toJob(job)] : []));
}

const toJob = ({ name, properties = {} }: Job) => ({
  id: name ?? '',
  operation: textOrNull(properties.scenarioName),
  name: textOrNull(properties.friendlyName),
  state: properties.state ?? '',
  description: textOrNull(properties.stateDescription),
  startedAt: isoTimeOrNull(properties.startTime),
  endedAt: isoTimeOrNull(properties.endTime),
  tasks: (properties.tasks ?? []).map(toTask),
  errors: (properties.errors ?? []).map(toJobError),
});

const toTask = (raw: ASRTask) => ({
  name: raw.friendlyName ?? raw.name ?? '',
  state: raw.state ?? '',
  description: textOrNull(raw.stateDescription),
  startedAt: isoTimeOrNull(raw.startTime),
  endedAt: isoTimeOrNull(raw.endTime),
});

const toJobError = ({ serviceErrorDetails: details, errorLevel }: JobErrorDetails) => ({
  code: details?.code ?? '',
  level: errorLevel ?? 'Error',
  message: details?.message ?? '',
  remedy: textOrNull(details?.recommendedAction),
});
