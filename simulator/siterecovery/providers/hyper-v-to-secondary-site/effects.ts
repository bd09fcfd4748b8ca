// The effects of the operations on the machines of both clouds.

import { providerRefuses, serverUnreachable } from '../../errors.ts';
import { formatTime } from '../../ids.ts';
import type { Effect, EffectResult, Effects } from '../../provider.ts';
import type { JobRecord } from '../../records.ts';
import type { Vault } from '../../vault.ts';
import { deletesReplica, policySettings } from './configuration.ts';
import { sidesOf, type CloudDetails, type CloudInput, type CloudItem } from './details.ts';
import { homeNics, networksOf, testNetwork, withNics } from './networks.ts';
import { placeReplica } from './placement.ts';
import { findRecoveryPoint, isSourceUnreachable, sourceHost } from './recovery-points.ts';
import { createReplica, createTestMachine, setFacts } from './replicas.ts';
import { machineFacts } from './world.ts';

type CloudEffect = Effect<CloudDetails>;

const DAY_MS = 24 * 3_600_000;
const inputOf = (job: JobRecord | undefined): CloudInput => job?.input ?? {};
const withDetails = (item: CloudItem, details: Partial<CloudDetails>): CloudItem => ({
  ...item,
  details: { ...item.details, ...details },
});

const machineOf = (vault: Vault, id: string | null) => vault.onPremises.machine(id ?? '');
const unreachable = (item: CloudItem, vault: Vault) => serverUnreachable(sourceHost(item, vault));

/** Returns the next time of day after a moment, in UTC. */
function nextTimeOfDay(after: number, timeOfDay: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = timeOfDay.split(':').map(Number);
  const today = Math.floor(after / DAY_MS) * DAY_MS + ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return today > after ? today : today + DAY_MS;
}

/** Creates the replica. The policy decides how the first copy gets there. */
const startCopy: CloudEffect = (item, vault, at) => {
  const source = machineOf(vault, item.details.homeId);
  const placement = source && placeReplica(vault, source, item.place, item.target);
  if (!placement || 'problem' in placement)
    return {
      item,
      error: providerRefuses(
        item.details.instanceType,
        placement?.problem ?? 'The virtual machine does not exist any more.',
        'Enable the replication again.',
      ),
    };
  const isAdopted = machineFacts(source).replicaOn !== undefined;
  const awayId = createReplica(item, source, placement, vault, at);
  const { initialReplicationMethod, onlineReplicationStartTime } = policySettings(vault.policy(item.policy));
  const begin = (state: string, stateEndsAt: number | null = null): EffectResult => ({
    item: { ...withDetails(item, { awayId }), state, stateSince: at, stateEndsAt },
  });
  // An adopted replica already has the data.
  if (isAdopted) return begin('copied');
  if (initialReplicationMethod === 'Offline') return begin('carrying');
  return onlineReplicationStartTime === null
    ? begin('copying')
    : begin('scheduled', nextTimeOfDay(at, onlineReplicationStartTime));
};

function shutDown(item: CloudItem, vault: Vault, at: number): EffectResult {
  vault.onPremises.setPower(sidesOf(item).source.machineId ?? '', 'off', at);
  return { item: withDetails(item, { sourceWasShutDown: true }) };
}

/** An unplanned failover continues without its source. */
const shutDownSource: CloudEffect = (item, vault, at) =>
  isSourceUnreachable(item, vault) ? { item, warning: unreachable(item, vault) } : shutDown(item, vault, at);

/** A planned failover ends when its source does not answer. */
const shutDownSourceSurely: CloudEffect = (item, vault, at) =>
  isSourceUnreachable(item, vault) ? { item, error: unreachable(item, vault) } : shutDown(item, vault, at);

/** After the shutdown the host sends the last changes, which become the last recovery point. */
const sendLastChanges: CloudEffect = (item, vault, at) =>
  isSourceUnreachable(item, vault)
    ? { item, error: unreachable(item, vault) }
    : { item: withDetails(item, { finalPointAt: at }) };

/** After a failed failover the source runs again, and the replica waits. */
const startSourceAgain: CloudEffect = (item, vault, at) => {
  const { source, replica } = sidesOf(item);
  if (item.details.sourceWasShutDown) vault.onPremises.setPower(source.machineId ?? '', 'running', at);
  vault.onPremises.setPower(replica.machineId ?? '', 'off', at);
  return { item: withDetails(item, { sourceWasShutDown: false, finalPointAt: null }) };
};

/** Starts the replica. On the way home its networks follow the mappings. */
const bringUp: CloudEffect = (item, vault, at) => {
  const replica = machineOf(vault, sidesOf(item).replica.machineId);
  if (!replica || vault.onPremises.isDark(replica.server))
    return { item, error: serverUnreachable(replica?.server ?? '') };
  if (item.details.isReversed) vault.onPremises.putMachine(withNics(replica, homeNics(item, vault)));
  vault.onPremises.setPower(replica.id, 'running', at);
  return { item };
};

const failOver: CloudEffect = (item, vault, at, job) => {
  const { failedOverAt, isReversed, homeId, awayId, name } = item.details;
  const replica = machineOf(vault, sidesOf(item).replica.machineId);
  const point = findRecoveryPoint(item, vault, at, inputOf(job));
  const leavesHome = !isReversed && failedOverAt === null;
  const nic = replica?.nics[0];
  const protectedItem = {
    name: item.name,
    friendlyName: name,
    testVmName: null,
    testVmFriendlyName: null,
    networkConnectionStatus: nic?.network ? 'Connected' : 'NotConnected',
    networkFriendlyName: nic?.network || null,
    subnet: nic?.subnet || null,
    recoveryPointId: point?.name ?? null,
    recoveryPointTime: point ? formatTime(point.time) : null,
  };
  return {
    item: withDetails(item, {
      ...(leavesHome && {
        homeNetworks: networksOf(machineOf(vault, homeId)),
        awayNetworks: networksOf(machineOf(vault, awayId)),
      }),
      failedOverAt: failedOverAt ?? at,
      failoverRecoveryPoint: point?.name ?? null,
      lastSuccessfulFailover: at,
    }),
    details: { protectedItemDetails: [protectedItem] },
  };
};

const commit: CloudEffect = (item) => ({
  item: { ...item, state: item.state === 'plannedFailedOver' ? 'plannedCommitted' : 'committed' },
});

const bringUpTest: CloudEffect = (item, vault, at, job) => {
  const { networkType = null, networkId } = inputOf(job);
  const { replica } = sidesOf(item);
  const machine = machineOf(vault, replica.machineId);
  const network =
    networkId === undefined
      ? ''
      : (testNetwork(vault, networkId, replica.place, machine?.server ?? '') ?? '');
  const test = createTestMachine(item, network, vault, at);
  return {
    item: withDetails(item, { testId: test.id }),
    details: {
      testFailoverStatus: 'Active',
      networkName: network || null,
      networkFriendlyName: network || null,
      networkType,
      protectedItemDetails: [
        {
          name: item.name,
          friendlyName: item.details.name,
          testVmName: test.name,
          testVmFriendlyName: test.name,
          networkConnectionStatus: network === '' ? 'NotConnected' : 'Connected',
          networkFriendlyName: network || null,
          subnet: null,
        },
      ],
    },
  };
};

const cleanUpTest: CloudEffect = (item, vault, _at, job) => {
  vault.onPremises.removeMachine(item.details.testId ?? '');
  return { item: withDetails(item, { testId: null }), details: { comments: inputOf(job).comments ?? '' } };
};

/** The former source becomes the replica. It must not run beside the machine. */
const reverse: CloudEffect = (item, vault, at) => {
  const { source, replica } = sidesOf(item);
  const [before, after] = [machineOf(vault, source.machineId), machineOf(vault, replica.machineId)];
  if (before) setFacts(vault, before, { role: 'replica' });
  if (after) setFacts(vault, after, { role: undefined });
  vault.onPremises.setPower(source.machineId ?? '', 'off', at);
  const { isReversed, turns } = item.details;
  return {
    item: withDetails(item, {
      isReversed: !isReversed,
      turns: turns + 1,
      protectedSince: null,
      failedOverAt: null,
      finalPointAt: null,
      failoverRecoveryPoint: null,
      sourceWasShutDown: false,
    }),
  };
};

/** A kept replica is a machine like others. A replica that runs is kept in any case. */
function release(item: CloudItem, vault: Vault, deletes: boolean): EffectResult {
  const { source, replica } = sidesOf(item);
  const [machine, other] = [machineOf(vault, source.machineId), machineOf(vault, replica.machineId)];
  vault.onPremises.removeMachine(item.details.testId ?? '');
  if (machine) setFacts(vault, machine, { role: undefined });
  if (other && deletes && other.power === 'off') vault.onPremises.removeMachine(other.id);
  else if (other) setFacts(vault, other, { role: undefined });
  return { item: 'gone' };
}

const letGo: CloudEffect = (item, vault) =>
  release(item, vault, deletesReplica(policySettings(vault.policy(item.policy))));
const forget: CloudEffect = (item, vault) => release(item, vault, false);

export const effects: Effects<CloudDetails> = {
  startCopy,
  becomeProtected: (item, _vault, at) => ({ item: withDetails(item, { protectedSince: at }) }),
  shutDownSource,
  shutDownSourceSurely,
  sendLastChanges,
  startSourceAgain,
  bringUp,
  failOver,
  commit,
  bringUpTest,
  noteTest: (item, _vault, _at, job) => ({
    item: withDetails(item, { lastSuccessfulTest: job?.acceptedAt ?? null }),
  }),
  cleanUpTest,
  reverse,
  letGo,
  forget,
  // A second enable request is refused too. Such a refusal removes nothing.
  forgetIfNew: (item, vault) =>
    item.state === 'enabling' && item.busyWith === null ? release(item, vault, false) : { item },
};
