// Azure to Azure: what its operations do to an item and to the machine, and what they find wrong.

import { z } from 'zod';

import { providerRefuses } from '../errors.ts';
import { guidOf, wireTime } from '../ids.ts';
import type { Effect, Provider, ReadBody, RecoveryPoint } from '../provider.ts';
import type { ItemRecord, JobError, OperationInput } from '../records.ts';
import type { VaultWorld } from '../world.ts';
import { otherSide, type AzureToAzureDetails } from './azure-to-azure-details.ts';
import { diskId, machineId, recoveryContainer } from './azure-to-azure-hardware.ts';
import { itemProperties } from './azure-to-azure-item.ts';
import { azureToAzureTable } from './azure-to-azure-table.ts';

const failoverBody = z.object({
  properties: z.object({
    failoverDirection: z.literal('PrimaryToRecovery').optional(),
    sourceSiteOperations: z.enum(['Required', 'NotRequired']).optional(),
    providerSpecificDetails: z.object({ instanceType: z.literal('A2A'), recoveryPointId: z.string().nullish() }),
  }),
});

const switchBody = z.object({
  properties: z.object({
    replicationProtectedItemName: z.string().min(1),
    providerSpecificDetails: z.object({
      instanceType: z.literal('A2A'),
      policyId: z.string(),
      recoveryContainerId: z.string(),
      recoveryResourceGroupId: z.string().nullish(),
      vmManagedDisks: z.array(z.object({ diskId: z.string(), primaryStagingAzureStorageAccountId: z.string(), recoveryResourceGroupId: z.string() })).nullish(),
    }),
  }),
});

const firstProblem = (error: z.ZodError): string => {
  const [issue] = error.issues;
  return issue ? `The value of '${issue.path.join('.')}' is not valid: ${issue.message}` : 'The request body is not valid.';
};

function readBody(operation: string, body: unknown): ReadBody {
  if (operation === 'failoverCommit') return { input: {} };
  if (operation === 'unplannedFailover') {
    const read = failoverBody.safeParse(body);
    if (!read.success) return { problem: firstProblem(read.error) };
    const { sourceSiteOperations, providerSpecificDetails } = read.data.properties;
    return { input: { shutsDownSource: sourceSiteOperations === 'Required', recoveryPointId: providerSpecificDetails.recoveryPointId ?? undefined } };
  }
  const read = switchBody.safeParse(body);
  if (!read.success) return { problem: firstProblem(read.error) };
  const { policyId, recoveryContainerId, vmManagedDisks } = read.data.properties.providerSpecificDetails;
  return { input: { policyId, recoveryContainerId, diskIds: (vmManagedDisks ?? []).map((disk) => disk.diskId) } };
}

const sameId = (one: string | undefined, other: string): boolean => one?.toLowerCase() === other.toLowerCase();

function failoverPreflight(item: ItemRecord, input: OperationInput, vault: VaultWorld, now: number): JobError | undefined {
  const wanted = input.recoveryPointId;
  if (wanted === undefined || recoveryPoints(item, vault, now).some((point) => sameId(wanted.split('/').at(-1), point.name))) return undefined;
  return providerRefuses(`The recovery point '${wanted}' does not exist.`, 'List the recovery points of the item and name one of them.');
}

function switchPreflight(item: ItemRecord, input: OperationInput, vault: VaultWorld): JobError | undefined {
  const back = vault.mappingFrom(recoveryContainer(item, vault));
  if (!back) return providerRefuses('The recovery container is mapped to no container.', 'Map the recovery container to the primary one.');
  if (!sameId(input.recoveryContainerId, vault.containerId(item.container))) {
    return providerRefuses('The container to replicate to is not the one that the item lives under.', 'Name the present primary container as recovery container.');
  }
  if (!sameId(input.policyId, vault.policyId(back.policy))) {
    return providerRefuses('The policy is not that of the mapping back.', `Use the policy '${back.policy}'.`);
  }
  const machine = vault.machine(vault.item(item.name).virtualMachine);
  const owned = machine.disks.map((disk) => diskId(item, vault, otherSide(item.details.primary), disk.name).toLowerCase());
  const foreign = input.diskIds?.find((id) => !owned.includes(id.toLowerCase()));
  return foreign === undefined ? undefined : providerRefuses(`The disk '${foreign}' is not one of the machine that was failed over.`, `Name its disks: ${owned.join(', ')}.`);
}

/** Crash-consistent points in the policy's rhythm, application-consistent ones where that rhythm meets them; none after a failover. */
function recoveryPoints(item: ItemRecord, vault: VaultWorld, now: number): RecoveryPoint[] {
  const { protectedSince, failedOverAt, generation } = item.details;
  if (protectedSince === null) return [];
  const policy = vault.policy(vault.mappingMust(item.container).policy);
  const step = policy.crashConsistentFrequencyInMinutes * 60_000;
  const appStep = policy.appConsistentFrequencyInMinutes * 60_000;
  const last = failedOverAt ?? now;
  const first = Math.max(protectedSince, last - policy.recoveryPointHistoryInMinutes * 60_000);
  const points: RecoveryPoint[] = [];
  for (let time = Math.ceil(first / step) * step; time <= last; time += step) {
    points.push({ name: guidOf(item.key, generation, time), time, type: appStep > 0 && time % appStep === 0 ? 'AppConsistent' : 'CrashConsistent' });
  }
  return points;
}

const withDetails = (item: ItemRecord, details: Partial<AzureToAzureDetails>): ItemRecord => ({ ...item, details: { ...item.details, ...details } });

function failOver(item: ItemRecord, vault: VaultWorld, at: number, input: OperationInput): Effect {
  const { primary, machines } = item.details;
  const points = recoveryPoints(item, vault, at);
  const point = points.find((one) => sameId(input.recoveryPointId?.split('/').at(-1), one.name)) ?? points.at(-1);
  const machine = vault.machine(vault.item(item.name).virtualMachine);
  const failedOver = withDetails(item, {
    machines: { ...machines, [otherSide(primary)]: 'running', [primary]: input.shutsDownSource ? 'deallocated' : machines[primary] },
    failedOverAt: at,
    failoverRecoveryPoint: point?.name ?? null,
    lastSuccessfulFailover: at,
  });
  const protectedItem = {
    name: item.name,
    friendlyName: machine.name,
    testVmName: null,
    testVmFriendlyName: null,
    networkConnectionStatus: null,
    networkFriendlyName: vault.mappedNetwork(machine.nic.network) ?? null,
    subnet: machine.nic.subnet,
    recoveryPointId: point?.name ?? null,
    recoveryPointTime: point ? wireTime(point.time) : null,
  };
  return { item: failedOver, outcome: { protectedItemDetails: [protectedItem] } };
}

/** The recovered machine becomes the source, under the other container; what still ran on the old side is shut down to be overwritten. */
function reverse(item: ItemRecord, vault: VaultWorld): Effect {
  const { primary, generation, machines } = item.details;
  const container = recoveryContainer(item, vault);
  const reversed = withDetails({ ...item, container }, {
    primary: otherSide(primary),
    machines: { ...machines, [primary]: 'deallocated' },
    generation: generation + 1,
    protectedSince: null,
    failedOverAt: null,
    failoverRecoveryPoint: null,
    lastSuccessfulFailover: null,
  });
  return { item: reversed, outcome: { newReplicationProtectedItemId: vault.itemId(container, item.name) } };
}

export const azureToAzure: Provider = {
  table: azureToAzureTable,

  enrol: (_item, protectedSince) => ({
    instanceType: 'A2A',
    primary: 'home',
    machines: { home: 'running', away: 'absent' },
    generation: 0,
    protectedSince,
    failedOverAt: null,
    failoverRecoveryPoint: null,
    lastSuccessfulFailover: null,
  }),

  readBody,

  preflight(operation, item, input, vault, now) {
    if (operation === 'unplannedFailover') return failoverPreflight(item, input, vault, now);
    return operation === 'switchprotection' ? switchPreflight(item, input, vault) : undefined;
  },

  conditions: {
    sourceIsLeftRunning: (_item, input) => !input.shutsDownSource,
    failoverIsCommitted: (item) => item.state === 'committed',
  },

  effects: {
    failOver: (item, vault, at, job) => failOver(item, vault, at, job?.input ?? {}),
    reverse,
    becomeProtected: (item, _vault, at) => ({ item: withDetails(item, { protectedSince: at }) }),
  },

  properties: itemProperties,
  recoveryPoints,

  affectedObjects(item, vault) {
    const machine = vault.machine(vault.item(item.name).virtualMachine);
    const target = recoveryContainer(item, vault);
    const primaryFabric = vault.fabricOf(item.container);
    const recoveryFabric = vault.fabricOf(target);
    return {
      primaryVmId: azureToAzure.targetObjectId(item),
      primaryVmName: machine.name,
      recoveryVmId: '',
      recoveryVmName: machine.name,
      protectionProfileId: guidOf(vault.key, 'policy', vault.mappingMust(item.container).policy),
      primaryCloudId: guidOf(vault.key, 'container', item.container),
      primaryCloudName: item.container,
      recoveryCloudId: guidOf(vault.key, 'container', target),
      recoveryCloudName: target,
      primaryVmmId: guidOf(vault.key, 'fabric', primaryFabric.name),
      primaryVmmName: vault.regionName(primaryFabric.region),
      recoveryVmmId: guidOf(vault.key, 'fabric', recoveryFabric.name),
      recoveryVmmName: vault.regionName(recoveryFabric.region),
      primaryFabricProviderId: 'Azure',
      recoveryFabricProviderId: 'Azure',
    };
  },

  targetObjectId: (item) => guidOf(item.key, 'target', item.details.generation),

  machines: (item, vault) => (['home', 'away'] as const).map((side) => ({ id: machineId(item, vault, side), state: item.details.machines[side] })),
};
