// One replicated VM as Azure shows it at this moment: how it stands, its recovery points, its
// settings on the target side, its jobs.
import type {
  ASRTask,
  HealthError,
  Job,
  JobErrorDetails,
  RecoveryPoint,
  ReplicationProtectedItem,
  SiteRecoveryManagementClient,
} from '@azure/arm-recoveryservices-siterecovery';
import { addressOf, groupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import { rejected } from '../core/errors.ts';
import type { Scenario } from '../core/scenario.ts';
import { siteRecoveryOf } from '../scenarios/adapter.ts';
import { performing } from '../scenarios/drivers.ts';
import { named, time } from '../siterecovery/read.ts';
import { locate } from './items.ts';
import type { ReplicatedVmDocument } from './documents.ts';
import { all, orUndefined, siteRecovery, someAtATime } from '../azure/clients.ts';
import { reading } from '../azure/faults.ts';

export type Replicated = Awaited<ReturnType<typeof readReplication>>;

const NEWEST_JOBS = 10;

export function readReplication(vm: ReplicatedVmDocument) {
  return reading(`the replicated VM ${vm.name}`, async () => {
    const client = await siteRecovery(subscriptionOf(vm.vaultArmId));
    const vault = { name: nameOf(vm.vaultArmId), group: groupNameOf(vm.vaultArmId) };
    const item = await readItem(client, vault, vm);
    const { fabric, container, name } = addressOf(item.id ?? '');
    const [points, jobs] = await Promise.all([
      all(
        client.recoveryPoints.listByReplicationProtectedItems(
          vault.name,
          vault.group,
          fabric,
          container,
          name,
        ),
      ),
      readJobs(client, vault, item),
    ]);
    return { ...toReplicated(vm.scenario, item), recoveryPoints: toPoints(points), jobs };
  });
}

interface VaultName {
  readonly name: string;
  readonly group: string;
}

async function readItem(
  client: SiteRecoveryManagementClient,
  vault: VaultName,
  vm: ReplicatedVmDocument,
): Promise<ReplicationProtectedItem> {
  const get = (armId: string) => {
    const { fabric, container, name } = addressOf(armId);
    return orUndefined(
      client.replicationProtectedItems.get(vault.name, vault.group, fabric, container, name),
    );
  };
  const known = await get(vm.armId);
  if (known) return known;
  // Somebody has moved it by a reprotect.
  const moved = await locate(await siteRecoveryOf(vm.vaultArmId), vm);
  const found = moved && (await get(moved.armId));
  if (!found)
    throw rejected(
      404,
      'ReplicationGone',
      `${vm.name} is not replicated in ${vault.name} any more: Site Recovery has no item for ` +
        'it. Enable replication again, if that is wanted.',
    );
  return found;
}

function toReplicated(scenario: Scenario, { id = '', properties = {} }: ReplicationProtectedItem) {
  return {
    armId: id,
    friendlyName: properties.friendlyName ?? '',
    protectionState: properties.protectionState ?? '',
    protectionStateDescription: named(properties.protectionStateDescription),
    activeLocation: properties.activeLocation ?? '',
    allowedOperations: properties.allowedOperations ?? [],
    testFailoverState: named(properties.testFailoverState),
    health: {
      replication: properties.replicationHealth ?? '',
      failover: properties.failoverHealth ?? '',
      errors: (properties.healthErrors ?? []).map(toHealthError),
    },
    policy: { id: properties.policyId ?? '', name: properties.policyFriendlyName ?? '' },
    ...performing(scenario).readDetails(properties),
  };
}

const toHealthError = (raw: HealthError) => ({
  code: raw.errorCode ?? '',
  level: raw.errorLevel ?? '',
  message: raw.errorMessage ?? '',
  causes: named(raw.possibleCauses),
  remedy: named(raw.recommendedAction),
  since: time(raw.creationTimeUtc),
});

/** How many there are, and the newest of each kind. */
function toPoints(points: readonly RecoveryPoint[]) {
  const sorted = points
    .map(({ id = '', properties }) => ({
      id,
      kind: properties?.recoveryPointType ?? '',
      at: time(properties?.recoveryPointTime) ?? '',
    }))
    .sort((a, b) => (a.at < b.at ? 1 : -1));
  return {
    count: points.length,
    newest: [...new Map(sorted.toReversed().map((point) => [point.kind, point])).values()].sort((a, b) =>
      a.at < b.at ? 1 : -1,
    ),
  };
}

/** A list tells which job is about which VM, by its name; what the job did, each tells for itself. */
async function readJobs(
  client: SiteRecoveryManagementClient,
  vault: VaultName,
  item: ReplicationProtectedItem,
) {
  const friendly = item.properties?.friendlyName ?? '';
  const current = nameOf(item.properties?.currentScenario?.jobId ?? '');
  const listed = (await all(client.replicationJobs.list(vault.name, vault.group))).filter(
    ({ name = '', properties }) =>
      properties?.targetObjectName === friendly || (current !== '' && name === current),
  );
  const newest = listed
    .sort((a, b) => (b.properties?.startTime?.getTime() ?? 0) - (a.properties?.startTime?.getTime() ?? 0))
    .slice(0, NEWEST_JOBS);
  const jobs = await someAtATime(newest, ({ name = '' }) =>
    orUndefined(client.replicationJobs.get(vault.name, vault.group, name)),
  );
  return jobs.flatMap((job) => (job ? [toJob(job)] : []));
}

const toJob = ({ name, properties = {} }: Job) => ({
  id: name ?? '',
  operation: named(properties.scenarioName),
  name: named(properties.friendlyName),
  state: properties.state ?? '',
  description: named(properties.stateDescription),
  startedAt: time(properties.startTime),
  endedAt: time(properties.endTime),
  tasks: (properties.tasks ?? []).map(toTask),
  errors: (properties.errors ?? []).map(toJobError),
});

const toTask = (raw: ASRTask) => ({
  name: raw.friendlyName ?? raw.name ?? '',
  state: raw.state ?? '',
  description: named(raw.stateDescription),
  startedAt: time(raw.startTime),
  endedAt: time(raw.endTime),
});

const toJobError = ({ serviceErrorDetails: its, errorLevel }: JobErrorDetails) => ({
  code: its?.code ?? '',
  level: errorLevel ?? 'Error',
  message: its?.message ?? '',
  remedy: named(its?.recommendedAction),
});
