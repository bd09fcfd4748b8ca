// The checks of a job on a machine of a VMM cloud before it changes anything.

import { providerRefuses, serverUnreachable } from '../../errors.ts';
import type { OnPremisesMachine } from '../../configuration-records.ts';
import type { JobError } from '../../records.ts';
import { isSameName, type Vault } from '../../vault.ts';
import { policySettings } from './configuration.ts';
import { isCloudItem, sidesOf, type CloudInput, type CloudItem, type ItemSide } from './details.ts';
import { testNetwork } from './networks.ts';
import { placeReplica } from './placement.ts';
import { findRecoveryPoint } from './recovery-points.ts';
import { findCloud, isReached, machineFacts, serverOf, VMM_KINDS } from './world.ts';

type Check = (item: CloudItem, input: CloudInput, vault: Vault, now: number) => JobError | undefined;
type Refuse = (causes: string, action: string) => JobError;

const refusalOf =
  ({ details }: CloudItem): Refuse =>
  (causes, action) =>
    providerRefuses(details.instanceType, causes, action);

/** The VMM server of a side and the host of its machine must answer. */
function sideError({ place, machineId }: ItemSide, vault: Vault): JobError | undefined {
  const server = serverOf(vault, place.fabric);
  if (!isReached(vault, server)) return serverUnreachable(server?.name ?? place.fabric);
  const host = vault.onPremises.machine(machineId ?? '')?.server;
  return host !== undefined && vault.onPremises.isDark(host) ? serverUnreachable(host) : undefined;
}

/** Finds the item that replicates this machine, or that made it. */
export function findReplication(vault: Vault, machineId: string, besides?: string): CloudItem | undefined {
  for (const item of vault.store.items())
    if (
      isCloudItem(item) &&
      item.key !== besides &&
      [item.details.homeId, item.details.awayId].includes(machineId)
    )
      return item;
  return undefined;
}

/** The export and the import of an offline replication must not be on a Hyper-V host. */
function offlineError(item: CloudItem, vault: Vault, refuse: Refuse): JobError | undefined {
  const policy = policySettings(vault.policy(item.policy));
  if (policy.initialReplicationMethod !== 'Offline') return undefined;
  if (isSameName(item.place.fabric, item.target.fabric))
    return refuse(
      'Both clouds belong to one VMM server. An offline initial replication needs two servers.',
      'Use a policy with an initial replication over the network.',
    );
  const hosts = vault.onPremises.servers().filter(({ kind }) => kind === VMM_KINDS.host);
  for (const path of [policy.offlineReplicationExportPath, policy.offlineReplicationImportPath]) {
    const server = /^\\\\([^\\]+)\\/.exec(path ?? '')?.[1];
    if (server === undefined || hosts.some(({ name }) => isSameName(name, server)))
      return refuse(`The path '${path ?? ''}' is on a Hyper-V host.`, 'Name shares on other servers.');
  }
  return undefined;
}

/** Hyper-V Replica's own replica can be adopted only between the two clouds of a mapping. */
function adoptionError(
  item: CloudItem,
  machine: OnPremisesMachine,
  vault: Vault,
  refuse: Refuse,
): JobError | undefined {
  const { replicaOn } = machineFacts(machine);
  if (replicaOn === undefined) return undefined;
  const hostsOf = (place: CloudItem['place']) => findCloud(vault, place)?.hosts.map(({ name }) => name) ?? [];
  if (!hostsOf(item.place).includes(machine.server))
    return refuse(`The host '${machine.server}' is not in the primary cloud.`, 'Add the host to the cloud.');
  return hostsOf(item.target).includes(replicaOn)
    ? undefined
    : refuse(
        `Hyper-V Replica replicates the machine to '${replicaOn}', which is not in the secondary cloud.`,
        'Add the host to the cloud, or remove that replication.',
      );
}

const enable: Check = (item, _input, vault) => {
  const refuse = refusalOf(item);
  const { source, replica } = sidesOf(item);
  const machine = vault.onPremises.machine(item.details.homeId);
  const cloud = findCloud(vault, item.place);
  if (!machine || !cloud || machineFacts(machine).cloud !== cloud.cloud.name)
    return refuse(
      `The cloud has no virtual machine '${item.details.homeId}'.`,
      'Name a protectable item of the container.',
    );
  const other = findReplication(vault, machine.id, item.key);
  if (other)
    return refuse(
      `The virtual machine is replicated already, as '${other.name}'.`,
      'Disable that replication first.',
    );
  if (!vault.mapping(item.place, item.target, item.policy))
    return refuse('No mapping of the cloud has this policy.', 'Associate the policy with the cloud first.');
  if (vault.policy(item.policy)?.settings.instanceType !== item.details.instanceType)
    return refuse(
      'The policy is for hosts of another version.',
      'Use a policy for the version of the hosts.',
    );
  const problem =
    sideError(source, vault) ??
    sideError(replica, vault) ??
    offlineError(item, vault, refuse) ??
    adoptionError(item, machine, vault, refuse);
  if (problem) return problem;
  const placement = placeReplica(vault, machine, item.place, item.target);
  return 'problem' in placement
    ? refuse(placement.problem, 'Map another network or storage, or add a host that reaches both.')
    : undefined;
};

const failover: Check = (item, input, vault, now) => {
  const refuse = refusalOf(item);
  const { replica } = sidesOf(item);
  const problem = sideError(replica, vault);
  if (problem) return problem;
  if (!vault.onPremises.machine(replica.machineId ?? ''))
    return refuse('The replica does not exist any more.', 'Disable replication, and enable it again.');
  if (findRecoveryPoint(item, vault, now, input)) return undefined;
  return input.recoveryPointId === undefined
    ? refuse('The item has no recovery point yet.', 'Wait for the first recovery point.')
    : refuse(
        `The recovery point '${input.recoveryPointId}' does not exist.`,
        'List the recovery points of the item and name one of them.',
      );
};

const testFailover: Check = (item, input, vault, now) => {
  const { replica } = sidesOf(item);
  const problem = failover(item, input, vault, now);
  if (problem || input.networkType !== 'VmNetworkAsInput') return problem;
  const host = vault.onPremises.machine(replica.machineId ?? '')?.server ?? '';
  return testNetwork(vault, input.networkId ?? '', replica.place, host) === undefined
    ? refusalOf(item)(
        `The host '${host}' does not reach the network '${input.networkId ?? ''}'.`,
        'Name a VM network that the host of the replica reaches.',
      )
    : undefined;
};

const plannedFailover: Check = (item, input, vault, now) =>
  sideError(sidesOf(item).source, vault) ?? failover(item, input, vault, now);

/** The former source must answer: it receives the changes. */
const reProtect: Check = (item, _input, vault) => {
  const { source, replica } = sidesOf(item);
  return sideError(replica, vault) ?? sideError(source, vault);
};

const CHECKS: Readonly<Record<string, Check>> = {
  enable,
  unplannedFailover: failover,
  testFailover,
  applyRecoveryPoint: failover,
  plannedFailover,
  reProtect,
  repairReplication: reProtect,
};

export const preflight = (
  operation: string,
  item: CloudItem,
  input: CloudInput,
  vault: Vault,
  now: number,
): JobError | undefined => CHECKS[operation]?.(item, input, vault, now);
