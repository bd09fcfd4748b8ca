// The effects of the Azure-to-Azure operations on an item and on the machines on both sides.

import { regionUnreachable } from '../../errors.ts';
import { formatTime } from '../../ids.ts';
import type { Effect, EffectResult, Effects } from '../../provider.ts';
import type { JobRecord } from '../../records.ts';
import { lastSegment, isSameName, type Vault } from '../../vault.ts';
import {
  otherSide,
  type AzureToAzureDetails,
  type AzureToAzureInput,
  type AzureToAzureItem,
} from './details.ts';
import { findSourceMachine } from './machine.ts';
import { findSubnet } from '../common/subnets.ts';
import { ADDED_DISK_COPY_MS } from './bodies.ts';
import { agentConnectionError } from './agent-connection.ts';
import { findRecoveryPoint } from './recovery-points.ts';
import { azurePowerOf, removeResources, setAzurePower } from '../common/recovered-machine.ts';
import { createRecoveredVm } from './recovery.ts';
import { createReplicas, removeReplicas } from './replicas.ts';
import { toProtectedDisks, recoveryMachineId, reverseDirection } from './protection.ts';

const inputOf = (job: JobRecord | undefined): AzureToAzureInput => job?.input ?? {};
const withDetails = (item: AzureToAzureItem, details: Partial<AzureToAzureDetails>): AzureToAzureItem => ({
  ...item,
  details: { ...item.details, ...details },
});

function shutDownSource(item: AzureToAzureItem, vault: Vault, at: number): EffectResult {
  const { primary, machines, regions } = item.details;
  // A failover continues without its source.
  if (vault.conditions.isRegionDark(regions[primary]))
    return { item, warning: regionUnreachable(regions[primary]) };
  setAzurePower(vault.azure, machines[primary], 'deallocated', at);
  return { item: withDetails(item, { sourceWasShutDown: true }) };
}

/** After a failed failover the machine runs again on its old side. */
function startSourceAgain(item: AzureToAzureItem, vault: Vault, at: number): EffectResult {
  const { primary, machines, sourceWasShutDown } = item.details;
  if (sourceWasShutDown) setAzurePower(vault.azure, machines[primary], 'running', at);
  return { item: withDetails(item, { sourceWasShutDown: false }) };
}

function bringUpRecovered(
  item: AzureToAzureItem,
  vault: Vault,
  _at: number,
  job: JobRecord | undefined,
): EffectResult {
  if (!job) return { item };
  const { primary, machines, settings, failoverMade } = item.details;
  const up = createRecoveredVm(item, vault, job, { isTest: false, networkId: settings.networkId });
  if ('error' in up) return { item, error: up.error };
  const made = [...new Set([...failoverMade, ...up.createdIds])];
  const after = withDetails(item, {
    machines: { ...machines, [otherSide(primary)]: up.machineId },
    failoverMade: made,
  });
  return { item: after, ...(up.warning && { warning: up.warning }) };
}

function failOver(
  item: AzureToAzureItem,
  vault: Vault,
  at: number,
  job: JobRecord | undefined,
): EffectResult {
  const { settings, nics, primary, machines, failedOverAt } = item.details;
  const point = findRecoveryPoint(item, vault, at, inputOf(job));
  const subnet =
    settings.networkId === null
      ? undefined
      : findSubnet(vault.azure, settings.networkId, nics[0]?.addresses[0]?.recoverySubnetName ?? '');
  const protectedItem = {
    name: item.name,
    friendlyName: item.details.name,
    testVmName: null,
    testVmFriendlyName: null,
    networkConnectionStatus: null,
    networkFriendlyName: settings.networkId === null ? null : lastSegment(settings.networkId),
    subnet: subnet?.name ?? null,
    recoveryPointId: point?.name ?? null,
    recoveryPointTime: point ? formatTime(point.time) : null,
  };
  // A source that was shut down stays off: the recovered machine runs.
  if (azurePowerOf(vault, machines[otherSide(primary)]) === 'absent')
    throw new Error(`${item.name} was failed over, but its recovered machine does not exist.`);
  return {
    item: withDetails(item, {
      failedOverAt: failedOverAt ?? at,
      failoverRecoveryPoint: point?.name ?? null,
      lastSuccessfulFailover: at,
    }),
    details: { protectedItemDetails: [protectedItem] },
  };
}

/**
 * Removes the failover's resources. A machine that existed there before is stopped again, and the
 * source runs.
 */
function undoFailover(item: AzureToAzureItem, vault: Vault, at: number): EffectResult {
  const { primary, machines, failoverMade, sourceWasShutDown } = item.details;
  removeResources(vault.azure, failoverMade);
  const recovered = machines[otherSide(primary)];
  if (vault.azure.get(recovered)) setAzurePower(vault.azure, recovered, 'deallocated', at);
  if (sourceWasShutDown) setAzurePower(vault.azure, machines[primary], 'running', at);
  return {
    item: withDetails(item, {
      failedOverAt: null,
      failoverRecoveryPoint: null,
      failoverMade: [],
      sourceWasShutDown: false,
    }),
  };
}

function bringUpTest(
  item: AzureToAzureItem,
  vault: Vault,
  at: number,
  job: JobRecord | undefined,
): EffectResult {
  if (!job) return { item };
  const { settings } = item.details;
  const networkId = inputOf(job).networkId ?? settings.testNetworkId ?? settings.networkId;
  const up = createRecoveredVm(item, vault, job, { isTest: true, networkId });
  if ('error' in up) return { item, error: up.error };
  const point = findRecoveryPoint(item, vault, at, inputOf(job));
  const testVm = lastSegment(up.machineId);
  const details = {
    testFailoverStatus: 'Active',
    networkName: networkId === null ? null : lastSegment(networkId),
    networkFriendlyName: networkId === null ? null : lastSegment(networkId),
    networkType: 'VmNetworkAsInput',
    protectedItemDetails: [
      {
        name: item.name,
        friendlyName: item.details.name,
        testVmName: testVm,
        testVmFriendlyName: testVm,
        networkConnectionStatus: 'Connected',
        networkFriendlyName: up.networkName,
        subnet: up.subnetName,
        ...(point && { recoveryPointId: point.name, recoveryPointTime: formatTime(point.time) }),
      },
    ],
  };
  return {
    item: withDetails(item, { test: { machineId: up.machineId, made: up.createdIds } }),
    details,
    ...(up.warning && { warning: up.warning }),
  };
}

/** Removes the test's resources, and nothing else. */
function cleanUpTest(
  item: AzureToAzureItem,
  vault: Vault,
  _at: number,
  job: JobRecord | undefined,
): EffectResult {
  removeResources(vault.azure, item.details.test?.made ?? []);
  return { item: withDetails(item, { test: null }), details: { comments: inputOf(job).comments ?? '' } };
}

function update(
  item: AzureToAzureItem,
  _vault: Vault,
  _at: number,
  job: JobRecord | undefined,
): EffectResult {
  const { settings: given, nics: nicChanges, diskChanges } = inputOf(job);
  const { primary, machines } = item.details;
  const settings = { ...item.details.settings, ...given };
  const nics = item.details.nics.map((nic) => {
    const change = nicChanges?.find(({ id }) => isSameName(id, nic.id));
    if (!change) return nic;
    const { addresses, ...rest } = change;
    return {
      ...nic,
      ...rest,
      id: nic.id,
      addresses: nic.addresses.map((address, index) => ({
        ...address,
        ...(addresses?.find(({ name }) => name === address.name) ??
          addresses?.find(({ name, isPrimary }) => name === undefined && isPrimary === address.isPrimary) ??
          addresses?.[index]),
      })),
    };
  });
  const disks = item.details.disks.map((disk) => ({
    ...disk,
    ...diskChanges?.find(({ id }) => isSameName(id, disk.id)),
    id: disk.id,
  }));
  const target =
    item.details.failedOverAt === null ? { [otherSide(primary)]: recoveryMachineId(settings) } : {};
  return { item: withDetails(item, { settings, nics, disks, machines: { ...machines, ...target } }) };
}

function addDisks(
  item: AzureToAzureItem,
  vault: Vault,
  at: number,
  job: JobRecord | undefined,
): EffectResult {
  const { primary, machines, disks, settings } = item.details;
  const machine = findSourceMachine(vault.azure, machines[primary]);
  if (!machine) return { item };
  const added = toProtectedDisks(machine, inputOf(job).disks, {
    groupId: settings.resourceGroupId,
    stagingAccountId: disks[0]?.stagingAccountId ?? '',
    original: () => undefined,
  });
  const fresh = added
    .filter(({ id }) => !disks.some((disk) => isSameName(disk.id, id)))
    .map((disk) => ({ ...disk, protectedSince: at + ADDED_DISK_COPY_MS }));
  const after = withDetails(item, { disks: [...disks, ...fresh] });
  createReplicas(after, vault.azure);
  return { item: after };
}

function removeDisks(
  item: AzureToAzureItem,
  vault: Vault,
  _at: number,
  job: JobRecord | undefined,
): EffectResult {
  const named = inputOf(job).diskIds ?? [];
  const { true: gone = [], false: kept = [] } = Object.groupBy(item.details.disks, ({ id }) =>
    named.some((name) => isSameName(name, id)) ? 'true' : 'false',
  );
  removeReplicas(item.key, gone, vault.azure);
  return { item: withDetails(item, { disks: kept }) };
}

/**
 * Makes the recovered machine the source. A machine that still runs on the old side is shut down,
 * because replication overwrites it.
 */
function reverse(item: AzureToAzureItem, vault: Vault, at: number, job: JobRecord | undefined): EffectResult {
  setAzurePower(vault.azure, item.details.machines[item.details.primary], 'deallocated', at);
  const reversed = reverseDirection(item, vault, inputOf(job));
  removeReplicas(item.key, item.details.disks, vault.azure);
  createReplicas(reversed, vault.azure);
  return { item: reversed, details: { newReplicationProtectedItemId: vault.itemId(reversed) } };
}

const forget: Effect<AzureToAzureDetails> = (item, vault) => {
  removeReplicas(item.key, item.details.disks, vault.azure);
  return { item: 'gone' };
};

export const effects: Effects<AzureToAzureDetails> = {
  shutDownSource,
  startSourceAgain,
  bringUp: bringUpRecovered,
  failOver,
  undoFailover,
  bringUpTest,
  cleanUpTest,
  update,
  addDisks,
  removeDisks,
  reverse,
  noteTest: (item, _vault, _at, job) => ({
    item: withDetails(item, { lastSuccessfulTest: job?.acceptedAt ?? null }),
  }),
  becomeProtected: (item, _vault, at) => ({
    item: withDetails(item, {
      protectedSince: at,
      disks: item.details.disks.map((disk) => ({ ...disk, protectedSince: at })),
    }),
  }),
  configureAgent: (item, vault) => {
    const error = agentConnectionError(item, vault);
    return { item, ...(error && { error }) };
  },
  placeReplicas: (item, vault) => {
    createReplicas(item, vault.azure);
    return { item };
  },
  forget,
  // A second enable request is refused too, while the machine is being enabled or a replicated
  // machine is busy. Such a refusal removes nothing.
  forgetIfNew: (item, vault, at, job) =>
    item.state === 'enabling' && item.busyWith === null ? forget(item, vault, at, job) : { item },
};
