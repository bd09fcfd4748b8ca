// The effects of the operations on a Hyper-V item, on the machine in the company's site and on the
// machine in Azure.

import { serverUnreachable } from '../../errors.ts';
import { formatTime } from '../../ids.ts';
import type { Effect, EffectResult, Effects } from '../../provider.ts';
import type { JobError, JobRecord } from '../../records.ts';
import { isSameName, lastSegment, type Vault } from '../../vault.ts';
import { removeResources, setAzurePower } from '../common/recovered-machine.ts';
import { findSubnet } from '../common/subnets.ts';
import type { HyperVDetails, HyperVInput, HyperVItem } from './details.ts';
import { findRecoveryPoint, isSourceUnreachable } from './recovery-points.ts';
import { createRecoveredVm, createSeedDisks, removeSeedDisks } from './recovery.ts';
import { registeredHosts } from './site.ts';

type HyperVEffect = Effect<HyperVDetails>;

const inputOf = (job: JobRecord | undefined): HyperVInput => job?.input ?? {};
const withDetails = (item: HyperVItem, details: Partial<HyperVDetails>): HyperVItem => ({
  ...item,
  details: { ...item.details, ...details },
});

const hostName = ({ details }: HyperVItem, vault: Vault): string =>
  vault.onPremises.machine(details.machineId)?.server ?? '';

function shutDown(item: HyperVItem, vault: Vault, at: number): EffectResult {
  vault.onPremises.setPower(item.details.machineId, 'off', at);
  return { item: withDetails(item, { sourceWasShutDown: true }) };
}

/** An unplanned failover continues without its source. */
const shutDownSource: HyperVEffect = (item, vault, at) =>
  isSourceUnreachable(item, vault)
    ? { item, warning: serverUnreachable(hostName(item, vault)) }
    : shutDown(item, vault, at);

/** A planned failover ends when its source does not answer. */
const shutDownSourceSurely: HyperVEffect = (item, vault, at) =>
  isSourceUnreachable(item, vault)
    ? { item, error: serverUnreachable(hostName(item, vault)) }
    : shutDown(item, vault, at);

/** After the shutdown the host sends the last changes, which become the last recovery point. */
const sendLastChanges: HyperVEffect = (item, vault, at) =>
  isSourceUnreachable(item, vault)
    ? { item, error: serverUnreachable(hostName(item, vault)) }
    : { item: withDetails(item, { finalPointAt: at }) };

/** After a failed failover the machine runs again in the site. */
function startSourceAgain(item: HyperVItem, vault: Vault, at: number): EffectResult {
  const { machineId, sourceWasShutDown, recovered } = item.details;
  if (sourceWasShutDown) vault.onPremises.setPower(machineId, 'running', at);
  removeResources(vault.azure, recovered?.made ?? []);
  return { item: withDetails(item, { sourceWasShutDown: false, finalPointAt: null, recovered: null }) };
}

const bringUp: HyperVEffect = (item, vault, _at, job) => {
  if (!job) return { item };
  const { settings, recovered } = item.details;
  const up = createRecoveredVm(item, vault, job, { isTest: false, networkId: settings.networkId });
  if ('error' in up) return { item, error: up.error };
  const made = [...new Set([...(recovered?.made ?? []), ...up.createdIds])];
  return {
    item: withDetails(item, { recovered: { id: up.machineId, made } }),
    ...(up.warning && { warning: up.warning }),
  };
};

const failOver: HyperVEffect = (item, vault, at, job) => {
  const { settings, nics, recovered, failedOverAt, name } = item.details;
  if (!vault.azure.get(recovered?.id ?? ''))
    throw new Error(`${item.name} was failed over, but its recovered machine does not exist.`);
  const point = findRecoveryPoint(item, vault, at, inputOf(job));
  const subnet =
    settings.networkId === null
      ? undefined
      : findSubnet(vault.azure, settings.networkId, nics[0]?.recoverySubnetName ?? '');
  const protectedItem = {
    name: item.name,
    friendlyName: name,
    testVmName: null,
    testVmFriendlyName: null,
    networkConnectionStatus: null,
    networkFriendlyName: settings.networkId === null ? null : lastSegment(settings.networkId),
    subnet: subnet?.name ?? null,
    recoveryPointId: point?.name ?? null,
    recoveryPointTime: point ? formatTime(point.time) : null,
  };
  return {
    item: withDetails(item, {
      failedOverAt: failedOverAt ?? at,
      failoverRecoveryPoint: point?.name ?? null,
      lastSuccessfulFailover: at,
    }),
    details: { protectedItemDetails: [protectedItem] },
  };
};

const commit: HyperVEffect = (item) => ({
  item: { ...item, state: item.state === 'plannedFailedOver' ? 'plannedCommitted' : 'committed' },
});

const bringUpTest: HyperVEffect = (item, vault, _at, job) => {
  if (!job) return { item };
  const { settings } = item.details;
  const networkId = inputOf(job).networkId ?? settings.testNetworkId ?? settings.networkId;
  const up = createRecoveredVm(item, vault, job, { isTest: true, networkId });
  if ('error' in up) return { item, error: up.error };
  const testVm = lastSegment(up.machineId);
  const networkName = networkId === null ? null : lastSegment(networkId);
  const details = {
    testFailoverStatus: 'Active',
    networkName,
    networkFriendlyName: networkName,
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
      },
    ],
  };
  return {
    item: withDetails(item, { test: { id: up.machineId, made: up.createdIds } }),
    details,
    ...(up.warning && { warning: up.warning }),
  };
};

/** Removes the test's resources, and nothing else. */
const cleanUpTest: HyperVEffect = (item, vault, _at, job) => {
  removeResources(vault.azure, item.details.test?.made ?? []);
  return { item: withDetails(item, { test: null }), details: { comments: inputOf(job).comments ?? '' } };
};

/** A name that another machine of the group has. The service warns of it at enable. */
const nameUnavailable = (name: string): JobError => ({
  code: '28061',
  message: `The name '${name}' is not available for the virtual machine in Azure.`,
  possibleCauses: `The target resource group has a virtual machine named '${name}' already.`,
  recommendedAction: 'Choose another name in the compute settings of the item.',
});

const placeReplicas: HyperVEffect = (item, vault) => {
  createSeedDisks(item, vault.azure);
  const { resourceGroupId, machineName } = item.details.settings;
  const taken = vault.azure.get(
    `${resourceGroupId}/providers/Microsoft.Compute/virtualMachines/${machineName}`,
  );
  return { item, ...(taken && { warning: nameUnavailable(machineName) }) };
};

const update: HyperVEffect = (item, _vault, _at, job) => {
  const { settings: given, nics: nicChanges, diskChanges } = inputOf(job);
  return {
    item: withDetails(item, {
      settings: { ...item.details.settings, ...given },
      nics: item.details.nics.map((nic) => ({
        ...nic,
        ...nicChanges?.find(({ id }) => isSameName(id, nic.id)),
        id: nic.id,
      })),
      disks: item.details.disks.map((disk) => ({
        ...disk,
        targetName: diskChanges?.find(({ id }) => isSameName(id, disk.id))?.targetName ?? disk.targetName,
      })),
    }),
  };
};

/** The data go to the machine's own host, or to the host that the failback names. */
const findHome: HyperVEffect = (item, vault, at, job) => {
  const { machineId } = item.details;
  const { homeServerId } = inputOf(job);
  const machine = vault.onPremises.machine(machineId);
  const host = registeredHosts(vault, item.place.fabric).find(
    ({ id, name }) => id === homeServerId || (homeServerId === undefined && name === machine?.server),
  );
  if (!machine || !host || vault.onPremises.isDark(host.name))
    return { item, error: serverUnreachable(host?.name ?? machine?.server ?? '') };
  // A machine that still runs in the site would be overwritten while it runs.
  vault.onPremises.putMachine({ ...machine, server: host.name });
  vault.onPremises.setPower(machineId, 'off', at);
  return { item };
};

const shutDownRecovered: HyperVEffect = (item, vault, at) => {
  setAzurePower(vault.azure, item.details.recovered?.id ?? '', 'deallocated', at);
  return { item };
};

const startHome: HyperVEffect = (item, vault, at) => {
  if (isSourceUnreachable(item, vault)) return { item, error: serverUnreachable(hostName(item, vault)) };
  vault.onPremises.setPower(item.details.machineId, 'running', at);
  return { item };
};

/** After a failed failback the machine in Azure runs again. */
const startRecoveredAgain: HyperVEffect = (item, vault, at) => {
  setAzurePower(vault.azure, item.details.recovered?.id ?? '', 'running', at);
  return { item };
};

const failBack: HyperVEffect = (item, _vault, at) => ({
  item: withDetails(item, { lastSuccessfulFailover: at }),
  details: {
    protectedItemDetails: [
      {
        name: item.name,
        friendlyName: item.details.name,
        testVmName: null,
        testVmFriendlyName: null,
        networkConnectionStatus: null,
        networkFriendlyName: null,
        subnet: null,
        recoveryPointId: null,
        recoveryPointTime: null,
      },
    ],
  },
});

/** The commit of a failback removes the machine in Azure with its disks and interfaces. */
const removeRecovered: HyperVEffect = (item, vault) => {
  removeResources(vault.azure, item.details.recovered?.made ?? []);
  return { item: withDetails(item, { recovered: null }) };
};

const reverse: HyperVEffect = (item, vault, _at, job) => {
  const { settings, turns } = item.details;
  const reversed = withDetails(item, {
    settings: { ...settings, ...inputOf(job).settings },
    turns: turns + 1,
    protectedSince: null,
    failedOverAt: null,
    finalPointAt: null,
    failoverRecoveryPoint: null,
    sourceWasShutDown: false,
  });
  createSeedDisks(reversed, vault.azure);
  return { item: reversed };
};

const forget: HyperVEffect = (item, vault) => {
  removeSeedDisks(item, vault.azure);
  return { item: 'gone' };
};

export const effects: Effects<HyperVDetails> = {
  shutDownSource,
  shutDownSourceSurely,
  sendLastChanges,
  startSourceAgain,
  bringUp,
  failOver,
  commit,
  bringUpTest,
  cleanUpTest,
  noteTest: (item, _vault, _at, job) => ({
    item: withDetails(item, { lastSuccessfulTest: job?.acceptedAt ?? null }),
  }),
  placeReplicas,
  becomeProtected: (item, _vault, at) => ({ item: withDetails(item, { protectedSince: at }) }),
  update,
  findHome,
  shutDownRecovered,
  startHome,
  startRecoveredAgain,
  failBack,
  removeRecovered,
  reverse,
  forget,
  // A second enable request is refused too, while the machine is being enabled or a replicated
  // machine is busy. Such a refusal removes nothing.
  forgetIfNew: (item, vault, at, job) =>
    item.state === 'enabling' && item.busyWith === null ? forget(item, vault, at, job) : { item },
};
