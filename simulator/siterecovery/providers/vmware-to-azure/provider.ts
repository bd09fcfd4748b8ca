// Assembles the four VMware providers: the replication appliance and the older configuration
// server, each in both directions.

import { powerOf } from '../../../arm/fault-conditions.ts';
import type { Provider } from '../../provider.ts';
import type { Vault } from '../../vault.ts';
import { sizeBodies } from '../common/target-sizes.ts';
import {
  CLASSIC,
  goesHome,
  isModern,
  MODERN,
  withDetails,
  type InstanceType,
  type VmwareDetails,
  type VmwareInput,
  type VmwareItem,
} from './details.ts';
import { effects } from './effects.ts';
import { factsOf, homePower, homeMachine, replicationServer, replicationServers } from './estate.ts';
import { healthOf } from './health.ts';
import { bodyReader, readPlanBody } from './input.ts';
import { affectedObjects, itemProperties, TABLES, targetObjectId } from './item.ts';
import { mappingReader, policyReader } from './policies.ts';
import { preflight } from './preflight.ts';
import { newItem, targetRegion } from './protection.ts';
import { recoveryPoints, sourceUnreachableSince } from './recovery-points.ts';
import { sizeNeeds } from './sizes.ts';
import { OPERATING_SYSTEMS } from './support.ts';
import { AGENT_VERSION } from './versions.ts';

type VmwareProvider = Provider<VmwareDetails, VmwareInput>;

/**
 * Returns the portal's suggestions for a reprotect: the first server that is in touch, one of its
 * datastores, and the log account of the first disk.
 */
function suggestedReprotect(item: VmwareItem, vault: Vault): VmwareInput {
  const servers = replicationServers(vault, item.place.fabric).filter(
    ({ name }) => !vault.onPremises.isDark(name),
  );
  if (goesHome(item)) return { serverId: item.details.serverId, accountId: item.details.accountId };
  const agent = servers.find((server) => factsOf(server).datastores.length > 0);
  return {
    wayHome: {
      agentId: agent?.id ?? '',
      datastoreName: agent ? (factsOf(agent).datastores[0] ?? '') : '',
      logAccountId: item.details.disks[0]?.logAccountId ?? '',
    },
  };
}

const memberInput: VmwareProvider['memberInput'] = (operation, item, input, vault) =>
  operation === 'reProtect' ? { ...input, ...suggestedReprotect(item, vault) } : input;

const portalInput: VmwareProvider['portalInput'] = (operation, item, vault, now) => {
  switch (operation) {
    case 'unplannedFailover':
      return { shutsDownSource: true };
    case 'plannedFailover':
      return { recoveryPointKind: 'CrashConsistent' };
    case 'applyRecoveryPoint':
      return { recoveryPointId: recoveryPoints(item, vault, now)[0]?.name };
    default:
      return memberInput(operation, item, {}, vault);
  }
};

/** The SDK's types of events: the older servers have another one. */
function eventDetails(item: VmwareItem, vault: Vault): Record<string, unknown> {
  const { details, place } = item;
  const server = replicationServer(vault, place.fabric, details.serverId);
  if (!isModern(item))
    return { instanceType: 'InMageAzureV2', eventType: 'VmHealth', category: '', component: '', details: '' };
  return {
    instanceType: details.instanceType,
    protectedItemName: details.name,
    vmName: details.name,
    ...(goesHome(item)
      ? { serverType: 'VCenter' }
      : { latestAgentVersion: AGENT_VERSION, fabricName: place.fabric, applianceName: server?.name ?? '' }),
  };
}

/** Returns the power of the machine in Azure. A fault that names the machine means the other one. */
const azurePower = (item: VmwareItem, vault: Vault): string => {
  const machine = vault.azure.get(item.details.machines.away);
  if (!machine) return 'absent';
  return machine.hidden?.['replicaOf'] === undefined
    ? powerOf(vault.conditions.faults, machine)
    : ((machine.hidden['power'] as string | undefined) ?? 'running');
};

const createProvider = (instanceType: InstanceType): VmwareProvider => ({
  instanceType,
  table: TABLES[instanceType],
  readPolicy: policyReader(instanceType),
  readMapping: mappingReader(instanceType),
  readBody: bodyReader(instanceType),
  newItem: newItem(instanceType),
  preflight,
  conditions: {
    sourceIsLeftRunning: (_item, input) => !input.shutsDownSource,
    failoverIsCommitted: (item) => item.state === 'committed',
  },
  effects,
  planInput: readPlanBody,
  memberInput,
  portalInput,
  properties: itemProperties,
  health: healthOf,
  recoveryPoints,
  targetSizes(item, vault) {
    const machine = homeMachine(item, vault);
    return machine ? sizeBodies(vault, targetRegion(item.details.settings, vault), sizeNeeds(machine)) : [];
  },
  affectedObjects,
  friendlyName: (item) => item.details.name,
  targetObjectId,
  isSourceUnreachable: (item, vault) => sourceUnreachableSince(item, vault) !== null,
  eventDetails,
  consistencyGroup: ({ details: { group } }) => group?.id,
  machines: (item, vault) => [
    { id: item.details.machines.home, state: homePower(item, vault) },
    { id: item.details.machines.away, state: azurePower(item, vault) },
  ],
  replicatedSince: (item, since) => withDetails(item, { protectedSince: since }),
  operatingSystems: OPERATING_SYSTEMS,
});

const INSTANCE_TYPES = [...Object.values(MODERN), ...Object.values(CLASSIC)];

/** The VMware providers by their instance types. */
export const vmwareProviders: Readonly<Record<string, VmwareProvider>> = Object.fromEntries(
  INSTANCE_TYPES.map((instanceType) => [instanceType, createProvider(instanceType)]),
);
