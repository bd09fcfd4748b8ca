// The effects of the VMware operations on an item, on the machine in Azure, and on the machine on
// premises.

import { lastSegment, isSameName, type Vault } from '../../vault.ts';
import { formatTime } from '../../ids.ts';
import type { Effect, EffectResult } from '../../provider.ts';
import type { JobError, JobRecord } from '../../records.ts';
import {
  createRecoveredMachine,
  removeResources,
  setAzurePower,
  type WantedMachine,
} from '../common/recovered-machine.ts';
import { createSeedDisks, removeSeedDisks, targetDiskId, testDiskId } from './azure-disks.ts';
import { withDetails, type VmwareDetails, type VmwareInput, type VmwareItem } from './details.ts';
import { homeMachine, homePower } from './estate.ts';
import { mappedPolicy } from './item-home.ts';
import { azureMachineId, targetRegion, turn } from './protection.ts';
import { findRecoveryPoint } from './recovery-points.ts';
import { resourceId } from '../../../arm/ids.ts';
import { RESOURCE_TYPES } from '../../../arm/resource-types.ts';
import { kindOf } from './details.ts';

type VmwareEffect = Effect<VmwareDetails>;

const inputOf = (job: JobRecord | undefined): VmwareInput => job?.input ?? {};

const unreachableSource = (name: string): JobError => ({
  code: '78054',
  message: `The virtual machine '${name}' could not be shut down.`,
  possibleCauses: 'Its host or its appliance does not answer.',
  recommendedAction: 'Make sure that the virtual machine does not run, then commit the failover.',
});

/** A failover continues without its source, and says that nobody shut the source down. */
const shutDownSource: VmwareEffect = (item, vault, at) => {
  const machine = homeMachine(item, vault);
  if (!machine || vault.onPremises.isDark(machine.server))
    return { item, warning: unreachableSource(item.details.name) };
  vault.onPremises.setPower(machine.id, 'off', at);
  return { item: withDetails(item, { sourceWasShutDown: true }) };
};

/** After a failed failover the machine runs again on its old side. */
const startSourceAgain: VmwareEffect = (item, vault, at) => {
  if (item.details.sourceWasShutDown) vault.onPremises.setPower(item.details.machines.home, 'running', at);
  return { item: withDetails(item, { sourceWasShutDown: false }) };
};

/** Describes the machine in Azure that the item's settings ask for. */
function wantedMachine(
  item: VmwareItem,
  vault: Vault,
  purpose: { readonly isTest: boolean; readonly networkId: string | null },
): WantedMachine {
  const { settings, disks, nics, name, instanceType } = item.details;
  const { isTest, networkId } = purpose;
  const machineName = isTest ? `${settings.machineName}-test` : settings.machineName;
  const machine = homeMachine(item, vault);
  return {
    ...settings,
    ...purpose,
    instanceType,
    owner: item.key,
    name: machineName,
    region: targetRegion({ networkId }, vault),
    osType: machine?.osType ?? 'Windows',
    generation: machine?.generation ?? 'V1',
    disks: disks
      .toSorted((left, right) => Number(right.isSystem) - Number(left.isSystem))
      .map((disk) => {
        const id = isTest ? testDiskId(item, disk) : targetDiskId(item, disk);
        const account = settings.storageAccountId;
        return {
          name: lastSegment(id),
          sizeInGb: disk.sizeInGb,
          isSystem: disk.isSystem,
          at:
            account === null
              ? { id, accountType: disk.diskType }
              : {
                  blobUri: `https://${lastSegment(account)}.blob.core.windows.net/vhds/${lastSegment(id)}.vhd`,
                },
        };
      }),
    nics: nics
      .filter(({ isSelected }) => isSelected)
      .toSorted((left, right) => Number(right.isPrimary) - Number(left.isPrimary))
      .map((nic) => ({
        id: resourceId(
          settings.resourceGroupId,
          RESOURCE_TYPES.networkInterface,
          `${machineName}-${nic.id.toUpperCase()}`,
        ),
        subnetName: (isTest ? nic.testSubnetName : nic.targetSubnetName) ?? '',
        fixedAddress: isTest ? nic.testAddress : nic.targetAddress,
        likeAddress: nic.sourceAddress,
      })),
    tags: { [`asr-${name}`.slice(0, 40)]: 'recovered' },
    mayReplace: (resource) => resource.hidden?.['replicaOf'] === item.key,
  };
}

const bringUp: VmwareEffect = (item, vault, _at, job) => {
  if (!job) return { item };
  const { machines, settings, failoverMade } = item.details;
  const wanted = wantedMachine(item, vault, { isTest: false, networkId: settings.networkId });
  const up = createRecoveredMachine(wanted, vault, job);
  if ('error' in up) return { item, error: up.error };
  const after = withDetails(item, {
    machines: { ...machines, away: up.machineId },
    failoverMade: [...new Set([...failoverMade, ...up.createdIds])],
  });
  return { item: after, ...(up.warning && { warning: up.warning }) };
};

function protectedItemDetails(item: VmwareItem, more: Readonly<Record<string, unknown>>) {
  return {
    protectedItemDetails: [
      {
        name: item.name,
        friendlyName: item.details.name,
        testVmName: null,
        testVmFriendlyName: null,
        networkConnectionStatus: null,
        networkFriendlyName: null,
        subnet: null,
        ...more,
      },
    ],
  };
}

const failOver: VmwareEffect = (item, vault, at, job) => {
  const { settings, nics, machines, failedOverAt } = item.details;
  const point = findRecoveryPoint(item, vault, at, inputOf(job));
  if (!vault.azure.get(machines.away))
    throw new Error(`${item.name} was failed over, but its recovered machine does not exist.`);
  setAzurePower(vault.azure, machines.away, 'running', at);
  return {
    item: withDetails(item, {
      failedOverAt: failedOverAt ?? at,
      failoverRecoveryPoint: point?.name ?? null,
      lastSuccessfulFailover: at,
    }),
    details: protectedItemDetails(item, {
      networkFriendlyName: settings.networkId === null ? null : lastSegment(settings.networkId),
      subnet: nics[0]?.targetSubnetName ?? null,
      recoveryPointId: point?.name ?? null,
      recoveryPointTime: point ? formatTime(point.time) : null,
    }),
  };
};

const testNetworkOf = (item: VmwareItem, job: JobRecord | undefined): string | null =>
  inputOf(job).networkId ?? item.details.settings.testNetworkId ?? item.details.settings.networkId;

/** The job names its network as soon as the test begins. */
const beginTest: VmwareEffect = (item, _vault, _at, job) => {
  const networkId = testNetworkOf(item, job);
  const networkName = networkId === null ? null : lastSegment(networkId);
  return {
    item,
    details: {
      testFailoverStatus: 'Active',
      networkName,
      networkFriendlyName: networkName,
      networkType: 'VmNetworkAsInput',
    },
  };
};

const bringUpTest: VmwareEffect = (item, vault, at, job) => {
  if (!job) return { item };
  const wanted = wantedMachine(item, vault, { isTest: true, networkId: testNetworkOf(item, job) });
  const up = createRecoveredMachine(wanted, vault, job);
  if ('error' in up) return { item, error: up.error };
  const point = findRecoveryPoint(item, vault, at, inputOf(job));
  const testVm = lastSegment(up.machineId);
  return {
    item: withDetails(item, { test: { machineId: up.machineId, made: up.createdIds } }),
    details: protectedItemDetails(item, {
      testVmName: testVm,
      testVmFriendlyName: testVm,
      networkConnectionStatus: 'Connected',
      networkFriendlyName: up.networkName,
      subnet: up.subnetName,
      ...(point && { recoveryPointId: point.name, recoveryPointTime: formatTime(point.time) }),
    }),
    ...(up.warning && { warning: up.warning }),
  };
};

/** Removes the test's resources, and nothing else. */
const cleanUpTest: VmwareEffect = (item, vault, _at, job) => {
  removeResources(vault.azure, item.details.test?.made ?? []);
  return { item: withDetails(item, { test: null }), details: { comments: inputOf(job).comments ?? '' } };
};

const update: VmwareEffect = (item, _vault, _at, job) => {
  const { settings: given, nics: changes } = inputOf(job);
  const settings = { ...item.details.settings, ...given };
  const primary = changes?.find(({ isPrimary }) => isPrimary)?.id;
  const nics = item.details.nics.map((nic) => ({
    ...nic,
    ...changes?.find(({ id }) => isSameName(id, nic.id) || isSameName(id, nic.macAddress)),
    id: nic.id,
    isPrimary: primary === undefined ? nic.isPrimary : isSameName(primary, nic.id),
  }));
  const away = item.details.failedOverAt === null ? azureMachineId(settings) : item.details.machines.away;
  return { item: withDetails(item, { settings, nics, machines: { ...item.details.machines, away } }) };
};

const switchAppliance: VmwareEffect = (item, _vault, _at, job) => {
  const { serverId, accountId } = inputOf(job);
  return {
    item: withDetails(item, {
      serverId: serverId ?? item.details.serverId,
      accountId: accountId ?? item.details.accountId,
    }),
  };
};

/**
 * The machine in Azure becomes the source. Replication overwrites the machine on premises, so that
 * machine is off from now on.
 */
const turnHome: VmwareEffect = (item, vault, at, job) => {
  const { wayHome, policyId, serverId } = inputOf(job);
  vault.onPremises.setPower(item.details.machines.home, 'off', at);
  removeSeedDisks(item, vault.azure);
  const { home } = kindOf(item.details.instanceType);
  const policy = mappedPolicy(item, vault, home, policyId) ?? item.policy;
  const turned = turn(item, policy, {
    wayHome: { agentId: '', datastoreName: '', logAccountId: '', ...wayHome },
    serverId: serverId ?? item.details.serverId,
  });
  return { item: turned, details: { newReplicationProtectedItemId: vault.itemId(turned) } };
};

/** The machine on premises is the source again. Its counterpart in Azure stays off. */
const turnToAzure: VmwareEffect = (item, vault, at, job) => {
  const { policyId, serverId, accountId } = inputOf(job);
  setAzurePower(vault.azure, item.details.machines.away, 'deallocated', at);
  const { toAzure } = kindOf(item.details.instanceType);
  const policy = mappedPolicy(item, vault, toAzure, policyId) ?? item.details.lastPolicy ?? item.policy;
  const turned = turn(item, policy, {
    wayHome: null,
    serverId: serverId ?? item.details.serverId,
    accountId: accountId ?? item.details.accountId,
    failoverMade: [],
  });
  createSeedDisks(turned, vault.azure, targetRegion(turned.details.settings, vault));
  return { item: turned, details: { newReplicationProtectedItemId: vault.itemId(turned) } };
};

const shutDownAzureMachine: VmwareEffect = (item, vault, at) => {
  setAzurePower(vault.azure, item.details.machines.away, 'deallocated', at);
  return { item: withDetails(item, { sourceWasShutDown: true }) };
};

const startOnPremises: VmwareEffect = (item, vault, at) => {
  const machine = homeMachine(item, vault);
  if (!machine || vault.onPremises.isDark(machine.server))
    return {
      item,
      error: {
        code: '78054',
        message: `The virtual machine '${item.details.name}' could not be started on premises.`,
        possibleCauses: 'Its host does not answer.',
        recommendedAction: 'Start the host, then fail over again.',
      },
    };
  vault.onPremises.setPower(machine.id, 'running', at);
  return { item };
};

const failHome: VmwareEffect = (item, vault, at, job) => {
  if (homePower(item, vault) === 'absent')
    throw new Error(`${item.name} was failed back, but its machine on premises does not exist.`);
  return {
    item: withDetails(item, {
      failedOverAt: at,
      lastSuccessfulFailover: at,
      lastPlannedFailover: { startedAt: job?.acceptedAt ?? at, status: 'Succeeded' },
    }),
    details: protectedItemDetails(item, {}),
  };
};

/** The machine in Azure runs again, and the one on premises is off. */
const undoFailHome: VmwareEffect = (item, vault, at, job) => {
  const { machines, sourceWasShutDown, lastPlannedFailover } = item.details;
  if (sourceWasShutDown) {
    vault.onPremises.setPower(machines.home, 'off', at);
    setAzurePower(vault.azure, machines.away, 'running', at);
  }
  const hasFailed = job?.operation !== 'failoverCancel';
  return {
    item: withDetails(item, {
      failedOverAt: null,
      sourceWasShutDown: false,
      lastPlannedFailover: hasFailed
        ? { startedAt: job?.acceptedAt ?? at, status: 'Failed' }
        : lastPlannedFailover && { ...lastPlannedFailover, status: 'Cancelled' },
    }),
  };
};

const forget: VmwareEffect = (item, vault): EffectResult => {
  removeSeedDisks(item, vault.azure);
  return { item: 'gone' };
};

export const effects: Readonly<Record<string, VmwareEffect>> = {
  shutDownSource,
  startSourceAgain,
  bringUp,
  failOver,
  beginTest,
  bringUpTest,
  cleanUpTest,
  update,
  switchAppliance,
  turnHome,
  turnToAzure,
  shutDownAzureMachine,
  startOnPremises,
  failHome,
  undoFailHome,
  noteTest: (item, _vault, _at, job) => ({
    item: withDetails(item, { lastSuccessfulTest: job?.acceptedAt ?? null }),
  }),
  becomeProtected: (item, _vault, at) => ({ item: withDetails(item, { protectedSince: at }) }),
  placeReplicas: (item, vault) => {
    createSeedDisks(item, vault.azure, targetRegion(item.details.settings, vault));
    return { item };
  },
  forget,
  // A second enable request is refused too, while the machine is being enabled or a replicated
  // machine is busy. Such a refusal removes nothing.
  forgetIfNew: (item, vault, at, job) =>
    item.state === 'enabling' && item.busyWith === null ? forget(item, vault, at, job) : { item },
};
